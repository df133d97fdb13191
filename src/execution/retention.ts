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
    for (;;) {
      const expired = await retention.expired({ ...policy, endedBefore: Date.now() - keptMs }, BATCH);
      const removed = await removeRecords(retention, outputs, expired);
      await Promise.all(removed.map((id) => outputs.remove(id)));
      if (removed.length < BATCH) break;
    }
    await retention.forgetKeys();
  };
}

/** A disk that is too full for the store to write gets room from the output first: without that nothing could ever be removed again. */
async function removeRecords(retention: RetentionStore, outputs: OutputStore, expired: readonly string[]): Promise<readonly string[]> {
  try {
    return await retention.remove(expired);
  } catch {
    await Promise.all(expired.map((id) => outputs.remove(id)));
    return retention.remove(expired);
  }
}
