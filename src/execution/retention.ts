import type { OutputStore } from '../output/output-store.ts';
import type { RetentionPolicy, RetentionStore } from '../process/retention-store.ts';

export interface RetentionOptions extends Omit<RetentionPolicy, 'endedBefore'> {
  /** How long a record is kept after its end. */
  readonly keptMs: number;
}

/** Records removed at once, so that a long list does not hold the store. */
const BATCH = 200;

/** Removes what has ended and has no room any more, oldest first, with its output. A crash in between leaves output without a record, which the reconciler removes. */
export function createRetention(retention: RetentionStore, outputs: OutputStore, { keptMs, ...policy }: RetentionOptions): () => Promise<void> {
  return async () => {
    await retention.forgetKeys();
    for (;;) {
      const expired = await retention.expired({ ...policy, endedBefore: Date.now() - keptMs }, BATCH);
      const removed = await retention.remove(expired);
      await Promise.all(removed.map((id) => outputs.remove(id)));
      if (removed.length < BATCH) return;
    }
  };
}
