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
