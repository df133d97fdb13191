import { type Shelf, sizeOf } from './pool-shelf.ts';

/** What there is to do next for what is asked for: make one for a shelf, after one was taken off another where there is no more room. */
export interface NextStep {
  readonly makeFor: Shelf;
  readonly takeFrom: Shelf | undefined;
}

export interface Bounds {
  readonly now: number;
  readonly mostPerSandbox: number;
  /** Over all. */
  readonly most: number;
  /** Whether somebody of the tenant waits for a container that is made for him: then none is made ahead for it. */
  readonly isBusy: (tenant: string) => boolean;
}

/** For so long after it was asked for, a kind has a claim to its tenant's part of the places. */
const CLAIM_MS = 60_000;

/**
 * The tenant that has fewest ready comes first, and of one tenant's kinds the one that was asked for last. Where there is no more room, what was asked for
 * longer ago gives way: in the same sandbox, when that has as many as it may, in the same tenant, or of another tenant, which keeps its part as long as it
 * has a claim to it. Undefined when nothing lacks, or nothing gives way to what lacks.
 */
export function nextStep(shelves: Iterable<Shelf>, bounds: Bounds): NextStep | undefined {
  if (bounds.most <= 0) return undefined;
  const ranks = ranksOf(shelves, bounds.now);
  for (const makeFor of needy(ranks, bounds)) {
    const crowd = crowdOf(makeFor, ranks.all, bounds);
    if (!crowd) return { makeFor, takeFrom: undefined };
    const takeFrom = first(crowd.filter((shelf) => shelf.ready.length > 0 && ranks.givesWay(shelf, makeFor)).sort(ranks.dispensability));
    if (takeFrom) return { makeFor, takeFrom };
  }
  return undefined;
}

/** The shelf that can do best without one: with more than it needs, or without a claim, or of the tenant that has most; of equals the one that was asked for longest ago. */
export function dispensable(shelves: Iterable<Shelf>, now: number): Shelf | undefined {
  const { all, dispensability } = ranksOf(shelves, now);
  return first(all.filter(({ ready }) => ready.length > 0).sort(dispensability));
}

const first = <T>(those: readonly T[]): T | undefined => those[0];
const total = (shelves: readonly Shelf[]) => shelves.reduce((sum, shelf) => sum + sizeOf(shelf), 0);
const tenantOf = ({ spec }: Shelf) => spec.scope.tenant;

/** The shelves that have to do without something when there is to be one more; undefined when there is room. */
function crowdOf({ spec }: Shelf, all: readonly Shelf[], { mostPerSandbox, most }: Bounds): Shelf[] | undefined {
  const own = all.filter((shelf) => shelf.spec.sandboxId === spec.sandboxId);
  if (total(own) >= mostPerSandbox) return own;
  return total(all) >= most ? [...all] : undefined;
}

function needy({ all, lack, hasClaim, held }: Ranks, { isBusy }: Bounds): Shelf[] {
  const those = all.filter((shelf) => lack(shelf) > 0 && !isBusy(tenantOf(shelf)));
  return those.sort((a, b) => Number(hasClaim(b)) - Number(hasClaim(a)) || held(a) - held(b) || b.demand.lastAt() - a.demand.lastAt() || lack(b) - lack(a));
}

type Ranks = ReturnType<typeof ranksOf>;

/** How shelves stand to each other now. */
function ranksOf(shelves: Iterable<Shelf>, now: number) {
  const all = [...shelves];
  const holdings = new Map<string, number>();
  for (const shelf of all) holdings.set(tenantOf(shelf), (holdings.get(tenantOf(shelf)) ?? 0) + sizeOf(shelf));
  const held = (shelf: Shelf) => holdings.get(tenantOf(shelf)) ?? 0;
  const hasClaim = ({ demand }: Shelf) => now - demand.lastAt() <= CLAIM_MS;
  const lack = (shelf: Shelf) => shelf.demand.depth(now) - sizeOf(shelf);
  const excess = (shelf: Shelf) => Math.max(0, -lack(shelf));
  const claimed = (shelf: Shelf) => (hasClaim(shelf) ? held(shelf) : Number.MAX_SAFE_INTEGER);
  return {
    all,
    held,
    hasClaim,
    lack,
    dispensability: (a: Shelf, b: Shelf) => excess(b) - excess(a) || claimed(b) - claimed(a) || a.demand.lastAt() - b.demand.lastAt(),
    givesWay(shelf: Shelf, to: Shelf): boolean {
      const isOlder = shelf.demand.lastAt() < to.demand.lastAt();
      if (tenantOf(shelf) === tenantOf(to) || !hasClaim(shelf)) return isOlder;
      const more = held(shelf) - held(to);
      return more > 1 ? hasClaim(to) : more === 1 && isOlder;
    },
  };
}
