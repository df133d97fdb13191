import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Firewall } from '../../src/engine/firewall.ts';

export interface FirewallHarness {
  readonly firewall: Firewall;
  /** That of another instance on the same machine. */
  readonly foreign: Firewall;
  dispose(): Promise<void>;
}

/** The contract of the Firewall port. */
export function describeFirewall(name: string, create: () => FirewallHarness): void {
  describe(`firewall: ${name}`, () => {
    let harness: FirewallHarness;
    beforeAll(() => {
      harness = create();
    });
    afterAll(() => harness?.dispose());

    test('nothing keeps it from raising rules here', async () => {
      expect(await harness.firewall.obstacle()).toBeUndefined();
    });

    test('rules are in force once they are raised, and raising them again changes nothing', async () => {
      const { firewall } = harness;
      expect(await firewall.isRaised()).toBe(false);
      expect(await firewall.raise()).toBe('raised');
      expect(await firewall.isRaised()).toBe(true);
      expect(await firewall.raise()).toBe('kept');
      expect(await firewall.isRaised()).toBe(true);
    });

    test('those of another instance are no matter of ours', async () => {
      const { firewall, foreign } = harness;
      await firewall.raise();
      expect(await foreign.isRaised()).toBe(false);
      await foreign.raise();
      expect(await firewall.raise()).toBe('kept');
      await foreign.lower();
      expect([await firewall.isRaised(), await foreign.isRaised()]).toEqual([true, false]);
    });

    test('they are gone once they are lowered, which may be done twice', async () => {
      const { firewall } = harness;
      await firewall.raise();
      await firewall.lower();
      await firewall.lower();
      expect(await firewall.isRaised()).toBe(false);
      expect(await firewall.raise()).toBe('raised');
      await firewall.lower();
    });
  });
}
