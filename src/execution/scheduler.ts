import { CoracleError } from '../errors.ts';
import { createFairQueue } from './fair-queue.ts';

export interface SchedulerOptions {
  /** Containers at once. */
  readonly maxRunning: number;
  /** Processes that may wait. */
  readonly maxQueued: number;
  /** Runs one to its end, its container's removal included. Never rejects. */
  readonly run: (id: string) => Promise<void>;
}

/** Decides when an accepted process gets its container. Nothing runs before `open`. */
export interface Scheduler {
  /** Holds a place in the queue while a process is being recorded; call the answer once, whatever comes of it. Throws QUEUE_FULL. */
  reserve(): () => void;
  enqueue(tenant: string, id: string): void;
  /** Takes a process back out of the queue; false when it is not waiting there. */
  cancel(tenant: string, id: string): boolean;
  isWaiting(tenant: string, id: string): boolean;
  /** Counts something that runs already, until it ends. */
  occupy(work: Promise<void>): void;
  open(): void;
  /** Starts nothing more; what runs goes on. */
  close(): void;
  counts(): { readonly running: number; readonly queued: number };
}

export function createScheduler({ maxRunning, maxQueued, run }: SchedulerOptions): Scheduler {
  const queue = createFairQueue();
  let running = 0;
  let reserved = 0;
  let isOpen = false;

  function dispatch(): void {
    while (isOpen && running < maxRunning) {
      const id = queue.shift();
      if (id === undefined) return;
      occupy(run(id));
    }
  }

  function occupy(work: Promise<void>): void {
    running += 1;
    void work.finally(() => {
      running -= 1;
      dispatch();
    });
  }

  return {
    reserve() {
      if (queue.size + reserved >= maxQueued + Math.max(0, maxRunning - running)) {
        throw new CoracleError('QUEUE_FULL', `The server's queue of ${maxQueued} waiting processes is full. Try again when some have ended.`);
      }
      reserved += 1;
      return () => {
        reserved -= 1;
      };
    },
    enqueue(tenant, id) {
      queue.push(tenant, id);
      dispatch();
    },
    cancel: (tenant, id) => queue.remove(tenant, id),
    isWaiting: (tenant, id) => queue.has(tenant, id),
    occupy,
    open() {
      isOpen = true;
      dispatch();
    },
    close() {
      isOpen = false;
    },
    counts: () => ({ running, queued: queue.size }),
  };
}
