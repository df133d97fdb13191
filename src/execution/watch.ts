import type { Unsubscribe } from './events.ts';
import { createLatch } from './latch.ts';

/** What a look has found since the one before. */
export interface Seen<Item> {
  readonly items: readonly Item[];
  /** There is more already. */
  readonly hasMore: boolean;
  /** Nothing will come any more. */
  readonly isFinal: boolean;
}

export interface Patience {
  /** After so many milliseconds without anything new there is an empty batch. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

export interface Watch<Item> extends Patience {
  /** Calls `wake` whenever there may be something new. */
  readonly subscribe: (wake: () => void) => Unsubscribe;
  /** Reads what is new, and remembers how far it came; undefined: there is nothing to look at any more. */
  readonly look: () => Promise<Seen<Item> | undefined>;
}

/** What is there already and then what comes, in batches. It pulls: it looks again when the batch before has been taken, so a slow taker holds up nobody. */
export async function* watch<Item>({ subscribe, look, idleMs, signal }: Watch<Item>): AsyncGenerator<readonly Item[]> {
  const latch = createLatch();
  const unsubscribe = subscribe(latch.open);
  try {
    for (let isLate = false; !signal.aborted; ) {
      const seen = await look();
      if (!seen) return;
      if (isLate || seen.items.length > 0) yield seen.items;
      if (seen.isFinal) return;
      isLate = !seen.hasMore && (await latch.next(idleMs, signal)) === 'late';
    }
  } finally {
    unsubscribe();
  }
}
