import { setTimeout as sleep } from 'node:timers/promises';

/** Shorter waits than this are put off until they add up. */
const SHORTEST_MS = 5;

export interface Pace {
  /** Resolves when so many bytes may have been taken at the pace's rate, at once after `hurry`. */
  take(bytes: number): Promise<void>;
}

/**
 * Slows a reader to `bytesPerSecond`, and with it whoever writes. It only ever slows: a reader that stopped would make the engine's kill of the container
 * hang. Once `hurry` is aborted it lets everything through.
 */
export function createPace(bytesPerSecond: number, hurry: AbortSignal): Pace {
  let free = 0;
  return {
    async take(bytes) {
      if (hurry.aborted) return;
      free = Math.max(free, Date.now()) + (bytes / bytesPerSecond) * 1000;
      const wait = free - Date.now();
      if (wait >= SHORTEST_MS) await sleep(wait, undefined, { signal: hurry }).catch(() => undefined);
    },
  };
}
