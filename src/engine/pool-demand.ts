/** Draws are counted by the second, because what comes within about a second cannot be refilled in between. */
const BURST_MS = 1_000;
/** A burst is expected again for so long. */
const REMEMBERED_MS = 60_000;
/** What was not asked for during this is not kept ready any more. */
export const IDLE_MS = 600_000;

/** How many containers of one kind to keep ready. Times are milliseconds since 1970. */
export interface Demand {
  /** One was asked for. */
  note(now: number): void;
  /** As many as the largest burst of the last minute took, at least one, at most `most`; none once it is idle. */
  depth(now: number): number;
  lastAt(): number;
}

export function createDemand(most: number): Demand {
  const bursts = new Map<number, number>();
  let last = Number.NEGATIVE_INFINITY;

  function forget(now: number): void {
    for (const second of bursts.keys()) if (second * BURST_MS < now - REMEMBERED_MS) bursts.delete(second);
  }

  return {
    note(now) {
      const second = Math.floor(now / BURST_MS);
      bursts.set(second, (bursts.get(second) ?? 0) + 1);
      last = Math.max(last, now);
      forget(now);
    },
    depth(now) {
      forget(now);
      if (now - last > IDLE_MS) return 0;
      return Math.min(most, Math.max(1, ...bursts.values()));
    },
    lastAt: () => last,
  };
}
