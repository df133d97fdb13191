import { type Demand, type InUse, NOTHING_IN_USE } from '../tenancy/quota.ts';

type Counted = Omit<InUse, 'waiting'>;

/** What each tenant occupies now, and all together. */
export interface Tally {
  readonly running: number;
  of(tenant: string): Counted;
  add(tenant: string, demand: Demand): void;
  /** Takes back what was added. */
  subtract(tenant: string, demand: Demand): void;
}

export function createTally(): Tally {
  const tenants = new Map<string, Counted>();
  let running = 0;
  const of = (tenant: string) => tenants.get(tenant) ?? NOTHING_IN_USE;

  function change(tenant: string, { memoryBytes, cpus }: Demand, by: 1 | -1): void {
    const before = of(tenant);
    const after = { running: before.running + by, memoryBytes: before.memoryBytes + by * memoryBytes, cpus: before.cpus + by * cpus };
    running += by;
    // Also so that fractions of CPUs do not pile up errors of rounding.
    if (after.running === 0) tenants.delete(tenant);
    else tenants.set(tenant, after);
  }

  return {
    get running() {
      return running;
    },
    of,
    add: (tenant, demand) => change(tenant, demand, 1),
    subtract: (tenant, demand) => change(tenant, demand, -1),
  };
}
