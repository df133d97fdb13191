import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Tries something until it works. Rejects with the signal's reason once the server lets go; the next server then takes the process up. */
export type UntilDone = <T>(work: () => Promise<T>, onFailure: (error: unknown) => void) => Promise<T>;

/** Tries with growing pauses up to 5 s: for what must come true however long the disk is full or the engine away. */
export function createUntilDone(closing: AbortSignal): UntilDone {
  return async (work, onFailure) => {
    for (let pause = FIRST_MS; ; pause = Math.min(LONGEST_MS, pause * 2)) {
      closing.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        onFailure(error);
        await sleep(pause, undefined, { signal: closing });
      }
    }
  };
}
