import { CoracleError } from '../errors.ts';
import type { Scope } from '../process/record.ts';
import { createCompany } from '../tenancy/company.ts';
import type { LimitsOf } from '../tenancy/limits.ts';
import { type Capacity, type Demand, type InUse, mayStart, mayWait } from '../tenancy/quota.ts';
import { createFairQueue } from './fair-queue.ts';
import type { PausedSandboxes } from './paused.ts';
import type { Startable } from './start-process.ts';
import { createTally } from './tally.ts';

export interface SchedulerOptions {
  /** Containers at once. */
  readonly maxRunning: number;
  /** Processes that may wait. */
  readonly maxQueued: number;
  /** What a process occupies that does not say itself. */
  readonly usual: Demand;
  readonly limitsOf: LimitsOf;
  /** Sandboxes in which nothing starts now; `look` when one is not any more. None when absent. */
  readonly paused?: Pick<PausedSandboxes, 'has'>;
  /** Runs one to its end, its container's removal included. Never rejects. What is known need not be read. */
  readonly run: (id: string, known?: Startable) => Promise<void>;
}

/**
 * Decides when an accepted process gets its container: of the tenants whose limits allow one more, the one that runs fewest comes first, and of equals they
 * take turns. While there are several, none has more than half of the containers. Nothing runs before `open`.
 */
export interface Scheduler {
  /** Holds a place in the queue while a process is being recorded; call the answer once, whatever comes of it. Throws QUEUE_FULL or TENANT_LIMIT. */
  reserve(tenant: string): () => void;
  enqueue(scope: Scope, id: string, demand?: Partial<Demand>): void;
  /** Starts one that is just being recorded, if nothing is before it and it may start now; false when it has to wait, and then it does not wait here yet. */
  startAtOnce(fresh: Startable): boolean;
  /** Takes a process back out of the queue; false when it is not waiting there. */
  cancel(tenant: string, id: string): boolean;
  isWaiting(tenant: string, id: string): boolean;
  /** Counts something that runs already, until it ends. */
  occupy(tenant: string, work: Promise<void>, demand?: Demand): void;
  open(): void;
  /** Starts what may start by now. */
  look(): void;
  /** Starts nothing more; what runs goes on. */
  close(): void;
  counts(): { readonly running: number; readonly queued: number };
  /** What a tenant occupies. */
  usageOf(tenant: string): InUse;
}

/** For how long a tenant that has had something run counts as one that comes again. */
const COMPANY_MS = 600_000;

export function createScheduler({ maxRunning, maxQueued, usual, limitsOf, paused, run }: SchedulerOptions): Scheduler {
  const queue = createFairQueue();
  const tally = createTally();
  const reservations = createReservations();
  const company = createCompany(COMPANY_MS);
  let isOpen = false;

  const capacity = (): Capacity => ({ maxRunning, maxQueued, running: tally.running, waiting: queue.size + reservations.size });
  const inUseBy = (tenant: string): InUse => ({ ...tally.of(tenant), waiting: queue.sizeOf(tenant) + reservations.of(tenant) });

  function rank(tenant: string, demand: Demand): number | undefined {
    const inUse = inUseBy(tenant);
    const hasCompany = tally.running > inUse.running || company.hasOther(tenant, Date.now());
    return mayStart(capacity(), { limits: limitsOf(tenant), inUse, hasCompany }, demand) ? inUse.running : undefined;
  }

  function dispatch(fresh?: Startable): void {
    while (isOpen && tally.running < maxRunning) {
      const next = queue.shift(rank, (waiting) => !paused?.has(waiting));
      if (next === undefined) return;
      occupy(next.tenant, run(next.id, next.id === fresh?.record.id ? fresh : undefined), next.demand);
    }
  }

  function push({ tenant, sandbox }: Scope, id: string, demand: Partial<Demand> | undefined): void {
    company.note(tenant, Date.now());
    queue.push({ tenant, sandbox, id, demand: { ...usual, ...demand } });
  }

  function occupy(tenant: string, work: Promise<void>, demand = usual): void {
    tally.add(tenant, demand);
    void work.finally(() => {
      tally.subtract(tenant, demand);
      dispatch();
    });
  }

  return {
    reserve(tenant) {
      const answer = mayWait(capacity(), { limits: limitsOf(tenant), inUse: inUseBy(tenant) });
      if (answer === 'server_full') throw new CoracleError('QUEUE_FULL', `The server's queue of waiting processes is full. Try again when some have ended.`);
      if (answer === 'tenant_full') throw new CoracleError('TENANT_LIMIT', 'As many processes wait as this tenant may have. Try again when some have ended.');
      return reservations.hold(tenant);
    },
    enqueue(scope, id, demand) {
      push(scope, id, demand);
      dispatch();
    },
    startAtOnce(fresh) {
      const { id, scope, limits } = fresh.record;
      push(scope, id, limits);
      dispatch(fresh);
      return !queue.remove(scope.tenant, id);
    },
    cancel: (tenant, id) => queue.remove(tenant, id),
    isWaiting: (tenant, id) => queue.has(tenant, id),
    occupy,
    open() {
      isOpen = true;
      dispatch();
    },
    look: () => dispatch(),
    close() {
      isOpen = false;
    },
    counts: () => ({ running: tally.running, queued: queue.size }),
    usageOf: inUseBy,
  };
}

/** Places that are held for processes just being recorded. */
function createReservations() {
  const held = new Map<string, number>();
  let size = 0;
  function change(tenant: string, by: 1 | -1): void {
    const left = (held.get(tenant) ?? 0) + by;
    size += by;
    if (left === 0) held.delete(tenant);
    else held.set(tenant, left);
  }
  return {
    get size() {
      return size;
    },
    of: (tenant: string) => held.get(tenant) ?? 0,
    hold(tenant: string): () => void {
      change(tenant, 1);
      return () => change(tenant, -1);
    },
  };
}
