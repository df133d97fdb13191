import type { ContainerLimits } from '../process/limits.ts';
import type { ContainerSpec, PreparedContainer } from './container-engine.ts';
import { createDemand, type Demand } from './pool-demand.ts';

export interface Member {
  readonly container: PreparedContainer;
  /** As it was made. */
  readonly limits: ContainerLimits;
}

/** A member that is being made. */
export interface Making {
  /** Somebody waits for it: then it does not go on the shelf. */
  isClaimed: boolean;
  /** Undefined when it could not be made. Never rejects. */
  readonly done: Promise<Member | undefined>;
}

/** The containers of one kind that are ready. */
export interface Shelf {
  readonly spec: ContainerSpec;
  readonly demand: Demand;
  readonly ready: Member[];
  readonly making: Set<Making>;
}

/** Every container that is made from specs with one key can take the other's place, after its memory, CPUs and process limit were changed. */
export function keyOf({ limits, requestId: _request, ...fixed }: ContainerSpec): string {
  const { memoryBytes: _memory, cpus: _cpus, pids: _pids, ...fixedLimits } = limits;
  return JSON.stringify([sorted(fixed), sorted(fixedLimits)]);
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

export function createShelf({ requestId: _request, ...spec }: ContainerSpec, most: number): Shelf {
  return { spec, demand: createDemand(most), ready: [], making: new Set() };
}

/** Answers it when it is made. */
export function claim(making: Making): Promise<Member | undefined> {
  making.isClaimed = true;
  return making.done;
}

export function sizeOf({ ready, making }: Shelf): number {
  return ready.length + making.size;
}

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
}

/**
 * A shelf that lacks something takes the place of what was asked for longer ago: of its own sandbox when that has as many as it may, of anybody when there
 * are as many as may be. Undefined when no shelf lacks anything, or what lacks was asked for longer ago than all the rest.
 */
export function nextStep(shelves: Iterable<Shelf>, { now, mostPerSandbox, most }: Bounds): NextStep | undefined {
  const all = [...shelves];
  const makeFor = neediest(all, now);
  if (!makeFor || most <= 0) return undefined;
  const total = (some: readonly Shelf[]) => some.reduce((sum, shelf) => sum + sizeOf(shelf), 0);
  const own = all.filter(({ spec }) => spec.sandboxId === makeFor.spec.sandboxId);
  const crowd = total(own) >= mostPerSandbox ? own : total(all) >= most ? all : undefined;
  if (!crowd) return { makeFor, takeFrom: undefined };
  const older = crowd.filter(({ ready, demand }) => ready.length > 0 && demand.lastAt() < makeFor.demand.lastAt());
  const takeFrom = dispensable(older, now);
  return takeFrom && { makeFor, takeFrom };
}

/** The shelf that was asked for last of those that lack something. */
function neediest(shelves: readonly Shelf[], now: number): Shelf | undefined {
  const lacks = shelves.map((shelf) => ({ shelf, lack: shelf.demand.depth(now) - sizeOf(shelf) })).filter(({ lack }) => lack > 0);
  lacks.sort((a, b) => b.shelf.demand.lastAt() - a.shelf.demand.lastAt() || b.lack - a.lack);
  return lacks[0]?.shelf;
}

/** The shelf with ready members that has more than it needs, or else was asked for longest ago. */
export function dispensable(shelves: Iterable<Shelf>, now: number): Shelf | undefined {
  const stocked = [...shelves].filter(({ ready }) => ready.length > 0);
  const spare = (shelf: Shelf) => Math.max(0, sizeOf(shelf) - shelf.demand.depth(now));
  stocked.sort((a, b) => spare(b) - spare(a) || a.demand.lastAt() - b.demand.lastAt());
  return stocked[0];
}
