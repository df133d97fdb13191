import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';
import type { Events } from './events.ts';
import { createLatch } from './latch.ts';

export interface WaitDependencies {
  readonly store: ProcessStore;
  readonly events: Events;
}

/**
 * Answers the record as soon as the process has ended, and as it then is after `ms` milliseconds or once the signal is aborted. Undefined: not in this scope.
 */
export type WaitUntilEnded = (scope: Scope, id: string, patience: Patience) => Promise<ProcessRecord | undefined>;

export interface Patience {
  readonly ms: number;
  readonly signal: AbortSignal;
}

export function createWaitUntilEnded(dependencies: WaitDependencies): WaitUntilEnded {
  return (scope, id, patience) => waitUntil(dependencies, { scope, id, ...patience }, ({ status }) => isTerminal(status));
}

/** As WaitUntilEnded, for what may become true with a change of status. */
export async function waitUntil(
  { store, events }: WaitDependencies,
  { scope, id, ms, signal }: Patience & { readonly scope: Scope; readonly id: string },
  isSo: (record: ProcessRecord) => boolean,
): Promise<ProcessRecord | undefined> {
  const deadline = Date.now() + ms;
  const latch = createLatch();
  const unsubscribe = events.onStatusOf(id, latch.open);
  try {
    for (;;) {
      const record = await store.find(scope, id);
      const left = deadline - Date.now();
      if (!record || isSo(record) || left <= 0 || signal.aborted) return record;
      await latch.next(left, signal);
    }
  } finally {
    unsubscribe();
  }
}
