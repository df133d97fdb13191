import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

export type Something<T> = Exclude<T, undefined | false | null>;

/** Asks again until the answer is something. It gives up only long after any machine would have got there. */
export async function until<T>(ask: () => Promise<T> | T, what: string, mostMs = 100_000): Promise<Something<T>> {
  for (const deadline = Date.now() + mostMs; Date.now() < deadline; await sleep(POLL_MS)) {
    const answer = await ask();
    if (answer) return answer as Something<T>;
  }
  throw new Error(`gave up waiting for ${what}`);
}
