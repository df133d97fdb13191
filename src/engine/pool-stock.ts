import type { ContainerSpec, PreparedContainer } from './container-engine.ts';
import { claim, createShelf, keyOf, type Making, type Member, type Shelf, sizeOf } from './pool-shelf.ts';
import { dispensable, nextStep } from './pool-step.ts';

export interface StockOptions {
  readonly make: (spec: ContainerSpec) => Promise<PreparedContainer>;
  /** Most that are kept ready of one sandbox, all its languages together. */
  readonly mostPerSandbox: number;
  /** How many may be ready now, over all. */
  readonly room: () => number;
  /** Whether somebody of the tenant waits for a container that is made for him: then none is made for the tenant's stock. */
  readonly isBusy: (tenant: string) => boolean;
}

/** The containers that are ready, and those that are being made to be so. */
export interface Stock {
  readonly size: number;
  /** Notes that one of this kind was asked for. */
  note(spec: ContainerSpec): Shelf;
  hasReady(spec: ContainerSpec): boolean;
  /** Makes what the shelves lack, one at a time, as far as there is room. One that fails is not tried again before the next call. */
  fill(): void;
  /** Removes what is over the demand or the room. */
  trim(): void;
  /** Removes all containers of some shelves, but none that somebody waits for. */
  drop(of: (shelf: Shelf) => boolean): Promise<void>;
}

export function createStock({ make, mostPerSandbox, room, isBusy }: StockOptions): Stock {
  const shelves = new Map<string, Shelf>();
  let isFilling = false;

  const size = () => [...shelves.values()].reduce((sum, shelf) => sum + sizeOf(shelf), 0);

  function fill(): void {
    const step = isFilling ? undefined : nextStep(shelves.values(), { now: Date.now(), mostPerSandbox, most: room(), isBusy });
    if (!step) return;
    isFilling = true;
    discard(step.takeFrom?.ready.shift());
    void makeFor(step.makeFor, make, fill).done.then((member) => {
      isFilling = false;
      if (member) fill();
    });
  }

  return {
    get size() {
      return size();
    },
    note(spec) {
      const key = keyOf(spec);
      const shelf = shelves.get(key) ?? createShelf(spec, mostPerSandbox);
      shelves.set(key, shelf);
      shelf.demand.note(Date.now());
      return shelf;
    },
    hasReady(spec) {
      const shelf = shelves.get(keyOf(spec));
      return shelf !== undefined && shelf.ready.length > 0;
    },
    fill,
    trim() {
      const now = Date.now();
      for (const [key, shelf] of shelves) {
        while (shelf.ready.length > 0 && shelf.demand.depth(now) < sizeOf(shelf)) discard(shelf.ready.shift());
        if (sizeOf(shelf) === 0 && shelf.demand.depth(now) === 0) shelves.delete(key);
      }
      for (let over = size() - room(); over > 0; over -= 1) discard(dispensable(shelves.values(), now)?.ready.shift());
    },
    async drop(of) {
      const gone = [...shelves].filter(([, shelf]) => of(shelf));
      for (const [key] of gone) shelves.delete(key);
      const members = gone.flatMap(([, { ready, making }]) => [...ready.splice(0), ...[...making].filter(({ isClaimed }) => !isClaimed).map(claim)]);
      await Promise.all(members.map(async (member) => (await member)?.container.remove().catch(() => undefined)));
    },
  };
}

/** Begins to make a member for a shelf; whoever claims it meanwhile gets it instead. */
function makeFor(shelf: Shelf, make: StockOptions['make'], onDeath: () => void): Making {
  const { spec } = shelf;
  async function run(): Promise<Member | undefined> {
    const container = await make(spec).catch(() => undefined);
    shelf.making.delete(making);
    const member = container && { container, limits: spec.limits };
    if (member && !making.isClaimed) put(shelf, member, onDeath);
    return member;
  }
  const making: Making = { isClaimed: false, done: Promise.resolve().then(run) };
  shelf.making.add(making);
  return making;
}

function put(shelf: Shelf, member: Member, onDeath: () => void): void {
  shelf.ready.push(member);
  void member.container.died.then(() => {
    const at = shelf.ready.indexOf(member);
    if (at < 0) return;
    shelf.ready.splice(at, 1);
    discard(member);
    onDeath();
  });
}

export function discard(member: Member | undefined): void {
  void member?.container.remove().catch(() => undefined);
}
