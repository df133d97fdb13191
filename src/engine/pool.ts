import type { ContainerLimits } from '../process/limits.ts';
import type { ContainerEngine, ContainerSpec, PreparedContainer } from './container-engine.ts';
import { claim, type Member, type Shelf } from './pool-shelf.ts';
import { createStock, discard } from './pool-stock.ts';

export interface PoolOptions {
  readonly engine: ContainerEngine;
  /** Most that are kept ready of one sandbox, all its languages together. */
  readonly mostPerSandbox: number;
  /** How many may be ready now, over all: it sinks when places or memory are short, and those over it are removed. */
  readonly room: () => number;
}

/** An engine that has containers ready. Everything of the port's contract holds. */
export interface Pool extends ContainerEngine {
  /** Expects one of this kind to be asked for soon. */
  warm(spec: ContainerSpec): void;
  /** Removes what there is no room or no demand for any more, and makes what lacks; call it now and then. */
  tend(): void;
  /** Containers that are ready or being made to be so. */
  readonly size: number;
  /** Removes every container that waits, and makes no more. */
  close(): Promise<void>;
}

/** In which an interpreter starts. */
const START_MS = 50;

/**
 * Containers started ahead, each used for one process and never by another sandbox: they are kept by everything that is fixed when a container is made.
 * It learns what to keep from what is asked for, makes them one at a time and for a tenant only while nobody of it waits for one that is not ready.
 * One that dies is replaced; one that cannot be fitted to the limits asked for is not used.
 */
export function createPool({ engine, mostPerSandbox, room }: PoolOptions): Pool {
  const closing = new AbortController();
  /** Of each tenant: callers that wait for a container which is made for them. */
  const urgent = new Map<string, number>();
  const isBusy = (tenant: string) => urgent.has(tenant) || closing.signal.aborted;
  const stock = createStock({ make: (spec) => engine.prepare(spec, closing.signal), mostPerSandbox, room, isBusy });

  let soon: NodeJS.Timeout | undefined;

  /** The next ones are made when the one that was just taken has had the machine to itself for its start. */
  function fillSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      stock.fill();
    }, START_MS).unref();
  }

  function countUrgent(tenant: string, by: 1 | -1): void {
    const count = (urgent.get(tenant) ?? 0) + by;
    if (count === 0) urgent.delete(tenant);
    else urgent.set(tenant, count);
  }

  async function makeNow(spec: ContainerSpec, signal: AbortSignal): Promise<PreparedContainer> {
    const { tenant } = spec.scope;
    countUrgent(tenant, 1);
    try {
      return await engine.prepare(spec, signal);
    } finally {
      countUrgent(tenant, -1);
    }
  }

  return {
    ...engine,
    async prepare(spec, signal) {
      signal.throwIfAborted();
      const shelf = stock.note(spec);
      try {
        const member = await takeFitted(shelf, spec.limits, signal);
        stock.trim();
        return member?.container ?? (await makeNow(spec, signal));
      } finally {
        fillSoon();
      }
    },
    hasReady: stock.hasReady,
    async removeVolume(sandboxId) {
      await stock.drop(({ spec }) => spec.sandboxId === sandboxId);
      await engine.removeVolume(sandboxId);
    },
    warm(spec) {
      stock.note(spec);
      stock.fill();
    },
    tend() {
      stock.trim();
      stock.fill();
    },
    get size() {
      return stock.size;
    },
    async close() {
      closing.abort();
      clearTimeout(soon);
      await stock.drop(() => true);
    },
  };
}

/**
 * A ready one, or one that is being made, with the limits asked for. After one that could not be fitted no other is tried: gVisor's cannot change, and
 * those that replace the ones that were tried would have been tried without an end.
 */
async function takeFitted(shelf: Shelf, limits: ContainerLimits, signal: AbortSignal): Promise<Member | undefined> {
  const member = await take(shelf, signal);
  if (!member || isSame(member.limits, limits)) return member;
  try {
    await member.container.fit(limits);
    return member;
  } catch {
    discard(member);
    return undefined;
  }
}

async function take(shelf: Shelf, signal: AbortSignal): Promise<Member | undefined> {
  const ready = shelf.ready.shift();
  const making = ready ? undefined : [...shelf.making].find(({ isClaimed }) => !isClaimed);
  if (!making) return ready;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveBack = () => {
    making.isClaimed = false;
    reject(signal.reason);
  };
  signal.addEventListener('abort', giveBack, { once: true });
  try {
    return await Promise.race([claim(making), aborted]);
  } finally {
    signal.removeEventListener('abort', giveBack);
  }
}

function isSame(a: ContainerLimits, b: ContainerLimits): boolean {
  return a.memoryBytes === b.memoryBytes && a.cpus === b.cpus && a.pids === b.pids;
}
