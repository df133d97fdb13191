/** A delivery is tried for so long after its process has ended. */
export const DELIVERY_LIFE_MS = 24 * 3_600_000;
const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;

/**
 * When the next attempt comes, in milliseconds since 1970: after 5 s, 10 s, 20 s and so on up to an hour, each shortened by up to a half by chance, so
 * that many that failed together do not come back together. Undefined when the life is over.
 */
export function nextAttempt({ attempts, endedAt, now, random }: { attempts: number; endedAt: number; now: number; random: number }): number | undefined {
  const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1)) * (1 - random / 2);
  const at = Math.round(now + pause);
  return at - endedAt > DELIVERY_LIFE_MS ? undefined : at;
}
