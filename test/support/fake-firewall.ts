import type { Firewall } from '../../src/engine/firewall.ts';
import { CoracleError } from '../../src/errors.ts';

export interface FakeFirewall extends Firewall {
  /** In order. */
  readonly calls: string[];
  /** From now on no rules can be raised. */
  breakDown(): void;
}

/** Rules in memory, which hold nobody. */
export function createFakeFirewall({ seesBridges = true } = {}): FakeFirewall {
  const calls: string[] = [];
  let isUp = false;
  let isBroken = false;
  return {
    calls,
    breakDown() {
      isBroken = true;
    },
    obstacle: async () => (isBroken ? { what: 'it is broken', remedy: 'Mend it.' } : undefined),
    async raise() {
      if (isBroken) throw new CoracleError('ENGINE_REFUSED', 'The rules could not be put in place. See the log.');
      calls.push('raise');
      const done = isUp ? 'kept' : 'raised';
      isUp = true;
      return done;
    },
    isRaised: async () => isUp,
    async lower() {
      if (isUp) calls.push('lower');
      isUp = false;
    },
    sees: async () => seesBridges,
  };
}
