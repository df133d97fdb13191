import type { OutputStore } from '../output/output-store.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { Scope } from '../process/record.ts';
import type { RetentionStore } from '../process/retention-store.ts';
import { isTerminal } from '../process/status.ts';

export interface RemoveDependencies {
  readonly store: ProcessStore;
  readonly retention: RetentionStore;
  readonly outputs: OutputStore;
}

export type Remove = (scope: Scope, id: string) => Promise<'removed' | 'not_found' | 'not_ended'>;

/** Removes the record and the output of a process that has ended. */
export function createRemove({ store, retention, outputs }: RemoveDependencies): Remove {
  return async (scope, id) => {
    const record = await store.find(scope, id);
    if (!record) return 'not_found';
    if (!isTerminal(record.status)) return 'not_ended';
    const [removed] = await retention.remove([record.id]);
    // Somebody else, or the upkeep, was faster.
    if (!removed) return 'not_found';
    await outputs.remove(record.id);
    return 'removed';
  };
}
