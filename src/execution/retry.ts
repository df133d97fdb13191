import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Tries until it works, with growing pauses up to 5 s: for what must come true however long the disk is full or the engine away. */
export async function untilDone<T>(work: () => Promise<T>, onFailure: (error: unknown) => void): Promise<T> {
  for (let pause = FIRST_MS; ; pause = Math.min(LONGEST_MS, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      onFailure(error);
      await sleep(pause);
    }
  }
}
