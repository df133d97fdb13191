import type { TenantLimits } from './limits.ts';

/** What a process occupies while it runs. */
export interface Demand {
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** What a tenant occupies now. */
export interface InUse extends Demand {
  readonly running: number;
  /** Places in the queue that are held for processes just being recorded count too. */
  readonly waiting: number;
}

export const NOTHING_IN_USE: InUse = { running: 0, waiting: 0, memoryBytes: 0, cpus: 0 };

/** What everybody together may occupy, and does. */
export interface Capacity {
  readonly maxRunning: number;
  readonly maxQueued: number;
  readonly running: number;
  readonly waiting: number;
}

/** One of so many containers, and one of so many places in the queue, is kept for tenants that have none. */
const CONTAINERS_PER_SPARE = 8;
const PLACES_PER_SPARE = 10;

export interface Standing {
  readonly limits: TenantLimits;
  readonly inUse: InUse;
  /** Whether other tenants have something here, or had lately. */
  readonly hasCompany: boolean;
}

/**
 * Whether a tenant's next process may start. Its first always may, so that nothing waits for ever after a limit was lowered. While there are others it may
 * have half of the containers, so that theirs find room, and a machine that is not all taken.
 */
export function mayStart(capacity: Capacity, { limits, inUse, hasCompany }: Standing, demand: Demand): boolean {
  const free = capacity.maxRunning - capacity.running;
  if (inUse.running === 0) return free > 0;
  const share = hasCompany ? Math.ceil(capacity.maxRunning / 2) : capacity.maxRunning;
  const hasRoom = free > Math.floor(capacity.maxRunning / CONTAINERS_PER_SPARE) && inUse.running < share;
  const isWithinMemory = inUse.memoryBytes + demand.memoryBytes <= limits.memoryBytes;
  return hasRoom && inUse.running < limits.processes && isWithinMemory && inUse.cpus + demand.cpus <= limits.cpus;
}

/** Whether a tenant may have one more process accepted, and if not, whose limit it is that is reached. */
export function mayWait(capacity: Capacity, { limits, inUse }: Omit<Standing, 'hasCompany'>): 'yes' | 'server_full' | 'tenant_full' {
  const places = capacity.maxQueued + Math.max(0, capacity.maxRunning - capacity.running) - capacity.waiting;
  const spare = inUse.waiting === 0 ? 0 : Math.floor(capacity.maxQueued / PLACES_PER_SPARE);
  if (places <= spare) return 'server_full';
  return inUse.waiting < limits.queued + Math.max(0, limits.processes - inUse.running) ? 'yes' : 'tenant_full';
}
