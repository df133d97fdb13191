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
export function keyOf({ limits, ...fixed }: ContainerSpec): string {
  const { memoryBytes: _memory, cpus: _cpus, pids: _pids, ...fixedLimits } = limits;
  return JSON.stringify([sorted(fixed), sorted(fixedLimits)]);
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

export function createShelf(spec: ContainerSpec, most: number): Shelf {
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

/** The shelf that lacks most, and of those the one that was asked for last; undefined when none lacks anything that its sandbox may have. */
export function neediest(shelves: Iterable<Shelf>, { now, mostPerSandbox }: { now: number; mostPerSandbox: number }): Shelf | undefined {
  const all = [...shelves];
  const had = new Map<string, number>();
  for (const shelf of all) had.set(shelf.spec.sandboxId, (had.get(shelf.spec.sandboxId) ?? 0) + sizeOf(shelf));
  const mayHave = ({ spec }: Shelf) => (had.get(spec.sandboxId) ?? 0) < mostPerSandbox;
  const lacks = all.map((shelf) => ({ shelf, lack: shelf.demand.depth(now) - sizeOf(shelf) })).filter(({ shelf, lack }) => lack > 0 && mayHave(shelf));
  lacks.sort((a, b) => b.lack - a.lack || b.shelf.demand.lastAt() - a.shelf.demand.lastAt());
  return lacks[0]?.shelf;
}

/** The shelf with ready members that has more than it needs, or else was asked for longest ago. */
export function dispensable(shelves: Iterable<Shelf>, now: number): Shelf | undefined {
  const stocked = [...shelves].filter(({ ready }) => ready.length > 0);
  const spare = (shelf: Shelf) => Math.max(0, sizeOf(shelf) - shelf.demand.depth(now));
  stocked.sort((a, b) => spare(b) - spare(a) || a.demand.lastAt() - b.demand.lastAt());
  return stocked[0];
}
