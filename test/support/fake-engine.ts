import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ContainerEngine, ContainerSpec, RunningContainer } from '../../src/engine/container-engine.ts';
import { CoracleError } from '../../src/errors.ts';
import { createFakeContainer, type FakeContainer, type Script } from './fake-container.ts';

export interface FakeEngineOptions {
  /** What a container does; `attempt` counts the starts of its process, from 1. */
  readonly program: (spec: ContainerSpec, attempt: number) => Script;
  readonly instance?: string;
}

export interface FakeEngine extends ContainerEngine {
  /** Every call fails and every connection breaks, until it comes back; its containers go on. */
  goAway(): void;
  comeBack(): void;
  /** Somebody else removes the container of a process. */
  vanish(processId: string): void;
  /** Process ids in the order in which their programs began to run. */
  readonly started: readonly string[];
  /** The same engine as a server of another instance sees it. */
  as(instance: string): ContainerEngine;
}

/** A container engine in memory that keeps the port's contract, with scripts for programs and faults as data in them. */
export function createFakeEngine({ program, instance = 'fake' }: FakeEngineOptions): FakeEngine {
  const containers = new Map<string, FakeContainer>();
  const attempts = new Map<string, number>();
  const started: string[] = [];
  /** Sandbox id → instance. */
  const volumes = new Map<string, string>();
  const way = createWay();
  let created = 0;

  const containerOf = (processId: string) => [...containers.values()].find((container) => container.processId === processId);

  function remove(container: FakeContainer | undefined): void {
    if (container && containers.delete(container.id)) container.vanish();
  }

  function create(spec: ContainerSpec, owner: string, script: Script): FakeContainer {
    if (script.startFails) throw script.startFails;
    if (containerOf(spec.processId)) throw new CoracleError('ENGINE_REFUSED', 'The engine has a container of this process. Use another id.');
    created += 1;
    const container = createFakeContainer(spec, { id: `container-${created}`, instance: owner, script });
    containers.set(container.id, container);
    volumes.set(spec.sandboxId, owner);
    return container;
  }

  function removeVolume(sandboxId: string): void {
    const isUsed = [...containers.values()].some((container) => container.sandboxId === sandboxId);
    if (isUsed) throw new CoracleError('ENGINE_REFUSED', 'A container has this volume. Remove the container first.');
    volumes.delete(sandboxId);
  }

  function running(container: FakeContainer): RunningContainer {
    return {
      id: container.id,
      startedAt: container.startedAt() ?? 0,
      output: container.read(way.broken()),
      isOutputFromStart: true,
      usage: async () => undefined,
      exit: container.exit.then((exit) => way.back().then(() => exit)),
      stop: (graceMs) => way.cross(() => container.stop(graceMs)),
      remove: () => way.cross(() => remove(container)),
    };
  }

  async function start(spec: ContainerSpec, owner: string, signal: AbortSignal): Promise<RunningContainer> {
    await way.cross(() => signal.throwIfAborted());
    const attempt = (attempts.get(spec.processId) ?? 0) + 1;
    attempts.set(spec.processId, attempt);
    const script = program(spec, attempt);
    await script.startTakes;
    signal.throwIfAborted();
    const container = await way.cross(() => create(spec, owner, script));
    if (script.startLost === 'created') throw unreachable();
    started.push(spec.processId);
    container.start();
    await script.answerTakes;
    if (script.startLost === 'started') throw unreachable();
    return running(container);
  }

  function adopt(processId: string, owner: string): RunningContainer | undefined {
    const container = containerOf(processId);
    if (container?.instance !== owner) return undefined;
    if (container.startedAt() !== undefined) return running(container);
    remove(container);
    return undefined;
  }

  const as = (owner: string): ContainerEngine => ({
    start: (spec, signal) => start(spec, owner, signal),
    adopt: (processId) => way.cross(() => adopt(processId, owner)),
    list: () => way.cross(() => [...containers.values()].filter((container) => container.instance === owner)),
    remove: (id) => way.cross(() => remove(containers.get(id))),
    listVolumes: () => way.cross(() => [...volumes].filter(([, volumeOwner]) => volumeOwner === owner).map(([sandboxId]) => sandboxId)),
    removeVolume: (sandboxId) => way.cross(() => removeVolume(sandboxId)),
    ping: () => way.cross(() => ({ version: 'fake', cpus: 2, memoryBytes: 2 ** 30 })),
  });

  return { ...as(instance), as, started, goAway: way.breakOff, comeBack: way.restore, vanish: (processId) => remove(containerOf(processId)) };
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
