import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Adoption, ContainerEngine, ContainerSpec, PreparedContainer, RunningContainer } from '../../src/engine/container-engine.ts';
import { CoracleError } from '../../src/errors.ts';
import { createFakeContainer, type FakeContainer, type Script } from './fake-container.ts';

export interface FakeEngineOptions {
  /** What a container does; `attempt` counts the containers made, from 1. */
  readonly program: (spec: ContainerSpec, attempt: number) => Script;
  readonly instance?: string;
}

export interface FakeEngine extends ContainerEngine {
  /** Every call fails and every connection breaks, until it comes back; its containers go on. */
  goAway(): void;
  comeBack(): void;
  /** Somebody else removes a container. */
  vanish(containerId: string): void;
  /** Whoever prepared a container has died. */
  abandon(containerId: string): void;
  /** Container ids in the order in which their programs began to run. */
  readonly started: readonly string[];
  /** The same engine as a server of another instance sees it. */
  as(instance: string): ContainerEngine;
}

/** A container engine in memory that keeps the port's contract, with scripts for programs and faults as data in them. */
export function createFakeEngine({ program, instance = 'fake' }: FakeEngineOptions): FakeEngine {
  const containers = new Map<string, FakeContainer>();
  const started: string[] = [];
  /** Sandbox id → instance. */
  const volumes = new Map<string, string>();
  /** The same. */
  const networks = new Map<string, string>();
  const way = createWay();
  let created = 0;

  function remove(container: FakeContainer | undefined): void {
    if (container && containers.delete(container.id)) container.vanish();
  }

  function create(spec: ContainerSpec, { id, owner, script }: { id: string; owner: string; script: Script }): FakeContainer {
    if (script.startFails) throw script.startFails;
    const container = createFakeContainer(spec, { id, instance: owner, script });
    containers.set(container.id, container);
    volumes.set(spec.sandboxId, owner);
    if (spec.network) networks.set(spec.sandboxId, owner);
    return container;
  }

  function removeVolume(sandboxId: string): void {
    const isUsed = [...containers.values()].some((container) => container.sandboxId === sandboxId);
    if (isUsed) throw new CoracleError('ENGINE_REFUSED', 'A container has this volume. Remove the container first.');
    volumes.delete(sandboxId);
  }

  function removeNetwork(sandboxId: string): void {
    const isUsed = [...containers.values()].some((container) => container.sandboxId === sandboxId && container.network);
    if (isUsed) throw new CoracleError('ENGINE_REFUSED', 'A container is in this network. Remove the container first.');
    networks.delete(sandboxId);
  }

  const ownedBy = (owner: string, things: ReadonlyMap<string, string>) => [...things].filter(([, other]) => other === owner).map(([sandboxId]) => sandboxId);

  function running(container: FakeContainer): RunningContainer {
    return {
      id: container.id,
      output: container.read(way.broken()),
      isOutputFromStart: true,
      stdin: container.stdin,
      usage: async () => undefined,
      exit: container.exit.then((exit) => way.back().then(() => exit)),
      stop: (graceMs) => way.cross(() => container.stop(graceMs)),
      signal: (signal) => way.cross(() => container.signal(signal)),
      pause: () => way.cross(container.pause),
      resume: () => way.cross(container.resume),
      remove: () => way.cross(() => remove(container)),
    };
  }

  function prepared(container: FakeContainer): PreparedContainer {
    container.isHeld = true;
    return {
      id: container.id,
      died: container.left,
      async begin(job) {
        container.isHeld = false;
        if (container.give(job)) {
          started.push(container.id);
          return running(container);
        }
        remove(container);
        return undefined;
      },
      fit: (limits) => way.cross(() => container.fit(limits)),
      remove: () => way.cross(() => remove(container)),
    };
  }

  async function prepare(spec: ContainerSpec, owner: string, signal: AbortSignal): Promise<PreparedContainer> {
    await way.cross(() => signal.throwIfAborted());
    created += 1;
    const id = `container-${created}`;
    const script = program(spec, created);
    await script.startTakes;
    signal.throwIfAborted();
    const container = await way.cross(() => create(spec, { id, owner, script }));
    if (script.startLost === 'created') throw unreachable();
    container.start();
    await script.answerTakes;
    if (script.startLost === 'started') throw unreachable();
    return prepared(container);
  }

  function adopt(containerId: string, owner: string): Adoption {
    const container = containers.get(containerId);
    if (container?.instance !== owner) return 'gone';
    if (!container.isStarted()) return { ...running(container), exit: Promise.resolve({ kind: 'vanished', reason: 'The engine has forgotten the start.' }) };
    if (container.hasJob()) return { ...running(container), stdin: { write: async () => undefined, end: () => undefined, isEnded: true } };
    remove(container);
    return 'unused';
  }

  const as = (owner: string): ContainerEngine => ({
    hasReady: () => false,
    prepare: (spec, signal) => prepare(spec, owner, signal),
    adopt: (containerId) => way.cross(() => adopt(containerId, owner)),
    list: () => way.cross(() => [...containers.values()].filter((container) => container.instance === owner && !container.isHeld)),
    remove: (id) => way.cross(() => remove(containers.get(id))),
    listVolumes: () => way.cross(() => ownedBy(owner, volumes)),
    removeVolume: (sandboxId) => way.cross(() => removeVolume(sandboxId)),
    listNetworks: () => way.cross(() => ownedBy(owner, networks)),
    removeNetwork: (sandboxId) => way.cross(() => removeNetwork(sandboxId)),
    guardNetworks: () => way.cross(() => 'kept' as const),
    diskUse: (ids) => way.cross(() => ({ bytes: new Map(ids.map((id) => [id, 0])), freeBytes: undefined })),
    ping: () => way.cross(() => ({ version: 'fake', cpus: 2, memoryBytes: 2 ** 30 })),
  });

  function abandon(containerId: string): void {
    const container = containers.get(containerId);
    if (container) container.isHeld = false;
  }

  return { ...as(instance), as, abandon, started, goAway: way.breakOff, comeBack: way.restore, vanish: (id) => remove(containers.get(id)) };
}

/** The way to the engine, which can break. */
function createWay() {
  let broken = Promise.withResolvers<void>();
  let back = Promise.withResolvers<void>();
  let isBroken = false;
  back.resolve();
  return {
    broken: () => broken.promise,
    back: () => back.promise,
    breakOff(): void {
      isBroken = true;
      back = Promise.withResolvers();
      broken.resolve();
    },
    restore(): void {
      isBroken = false;
      broken = Promise.withResolvers();
      back.resolve();
    },
    async cross<T>(work: () => T | Promise<T>): Promise<T> {
      await nextTurn();
      if (isBroken) throw unreachable();
      return work();
    },
  };
}

function unreachable(): CoracleError {
  return new CoracleError('ENGINE_UNAVAILABLE', 'The container engine could not be reached. Check that it is running.');
}
