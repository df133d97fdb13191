import type { ContainerEngine, RunningContainer } from '../engine/container-engine.ts';
import { isEngineAway } from '../errors.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import type { OutputStore } from '../output/output-store.ts';
import type { StopCause } from '../process/outcome.ts';
import type { ProcessStore, Transition } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import { pausesUntil } from '../sandbox/lifetime.ts';
import type { Pause } from '../sandbox/pause.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import { concludeVanished, type Followed, followProcess } from './follow-process.ts';
import { settle } from './freeze.ts';
import type { FindFiles } from './keep-artifacts.ts';
import { type Live, newLive } from './live.ts';
import type { Log } from './log.ts';
import type { PausedSandboxes } from './paused.ts';
import { createUntilDone, type UntilDone } from './retry.ts';
import { type Startable, startProcess } from './start-process.ts';
import { type StopHow, stopContainer, USUAL_STOP } from './stop-container.ts';

export interface SupervisorDependencies {
  readonly store: ProcessStore;
  readonly sandboxes: SandboxStore;
  readonly engine: ContainerEngine;
  readonly outputs: OutputStore;
  readonly findFiles: FindFiles;
  readonly languages: LanguageRegistry;
  readonly floodBytesPerSecond: number;
  readonly paused: PausedSandboxes;
  readonly log: Log;
  /** Aborted when the server lets go: containers go on, and nothing more is recorded here. */
  readonly closing: AbortSignal;
}

type Tools = SupervisorDependencies & { readonly untilDone: UntilDone };

/** Carries each process from the queue, or from an earlier server, to its terminal record and the removal of its container. */
export interface Supervisor {
  /** Resolves when the record is terminal and the container removed, or there is none. Never rejects. What is known need not be read. */
  run(id: string, known?: Startable): Promise<void>;
  /** As `run`, for a record that an earlier server left `running`. */
  adopt(record: ProcessRecord): Promise<void>;
  /** Ends a process; resolves when its record is terminal. The first cause wins. Nothing happens to one that is not under way here. */
  interrupt(id: string, cause: StopCause, how?: StopHow): Promise<void>;
  /** Brings the containers of a sandbox to its state, frozen or not; resolves when they are, however long the engine is away. */
  settle(scope: Scope): Promise<void>;
  /** The container of a process that is under way here, as soon as its program runs; undefined once it has ended. */
  containerOf(id: string): Promise<RunningContainer | undefined>;
  /** Whether it is under way here. */
  has(id: string): boolean;
}

type Work = (live: Live) => Promise<void>;

export function createSupervisor(options: SupervisorDependencies): Supervisor {
  const dependencies: Tools = { ...options, untilDone: createUntilDone(options.closing) };
  const { log, closing } = dependencies;
  const lives = new Map<string, Live>();

  async function interrupt(id: string, cause: StopCause, how = USUAL_STOP): Promise<void> {
    const live = lives.get(id);
    if (!live) return;
    if (!live.hasExited) await stop(dependencies, live, { id, cause, how });
    await live.ended.promise;
  }

  /** Registers before its first await, so that a kill finds every process either in the queue or here. */
  async function carry(id: string, work: Work): Promise<void> {
    const live = newLive();
    lives.set(id, live);
    try {
      await work(live);
      live.ended.resolve();
      await cleanUp(dependencies, live, id);
    } catch (error) {
      if (!closing.aborted) log.error({ err: error, process: id }, 'a process could not be carried to its end');
    } finally {
      live.started.resolve(undefined);
      live.ended.resolve();
      lives.delete(id);
    }
  }

  const work = createWork(dependencies, (id, cause) => detach(interrupt(id, cause)));
  return {
    run: (id, known) => carry(id, work.start(id, known)),
    adopt: (record) => carry(record.id, work.takeOver(record)),
    interrupt,
    async settle({ tenant, sandbox }) {
      const those = [...lives.values()].filter(({ scope }) => scope?.tenant === tenant && scope.sandbox === sandbox);
      await Promise.all(those.map((live) => settle(dependencies, live)));
    },
    async containerOf(id) {
      const live = lives.get(id);
      const container = await live?.started.promise;
      return live?.hasExited ? undefined : container;
    },
    has: (id) => lives.has(id),
  };
}

/** The two ways a process comes to us: from the queue, and from an earlier server, which may have died before it had given the container its job. */
function createWork(dependencies: Tools, interruptLater: (id: string, cause: StopCause) => void) {
  const { store, sandboxes, engine, outputs, log, untilDone } = dependencies;

  async function finish(id: string, change: Transition): Promise<void> {
    await untilDone(
      () => store.transition(id, change),
      (error) => log.error({ err: error, process: id }, 'a record could not be finished; trying again'),
    );
  }

  async function follow(live: Live, container: RunningContainer, followed: Followed): Promise<void> {
    live.container = container;
    live.scope = followed.record.scope;
    live.started.resolve(container);
    if (live.cause) detach(stopLive(dependencies, container, live.how));
    await followProcess({ ...dependencies, finish, interrupt: interruptLater }, live, followed);
  }

  async function pausesOf({ id, scope }: ProcessRecord): Promise<readonly Pause[]> {
    const sandbox = await untilDone(
      () => sandboxes.find(scope.tenant, scope.sandbox),
      (error) => log.error({ err: error, process: id }, 'a sandbox could not be read; trying again'),
    );
    return sandbox ? pausesUntil(sandbox, Date.now()) : [];
  }

  const start =
    (id: string, known?: Startable): Work =>
    async (live) => {
      const started = await startProcess({ ...dependencies, finish }, live, { id, known });
      if (started) await follow(live, started.container, { record: started.record, pauses: [] });
    };

  return {
    start,
    takeOver:
      (record: ProcessRecord): Work =>
      async (live) => {
        live.cause = record.cause;
        const adopted = await untilDone(
          async () => engine.adopt(record.containerId ?? '', await outputs.times(record.id)),
          (error) => log.warn({ err: error, process: record.id }, 'a container could not be adopted; trying again'),
        );
        if (adopted === 'unused') await start(record.id)(live);
        else if (adopted === 'gone') await concludeVanished({ ...dependencies, finish, interrupt: interruptLater }, live, record);
        else {
          live.isFrozen = undefined;
          await follow(live, adopted, { record, pauses: await pausesOf(record) });
        }
      },
  };
}

/** Removes the container of an ended process. An engine that is away has it still, so this waits for it; one that refuses is left with it. */
async function cleanUp({ log, untilDone }: Tools, { container }: Live, id: string): Promise<void> {
  async function remove(): Promise<void> {
    try {
      await container?.remove();
    } catch (error) {
      if (isEngineAway(error)) throw error;
      log.error({ err: error, process: id }, 'the container of an ended process could not be removed');
    }
  }
  await untilDone(remove, (error) => log.warn({ err: error, process: id }, 'the container of an ended process could not be removed; trying again'));
}

/** Its failures are retried until the server lets go, so a rejection means only that. */
function detach(work: Promise<void>): void {
  work.catch(() => undefined);
}

/** The cause is on disk before it is acted on; a disk that refuses it must not save the process from its end. */
async function stop(dependencies: Tools, live: Live, { id, cause, how }: { id: string; cause: StopCause; how: StopHow }): Promise<void> {
  const { store, log } = dependencies;
  const standing = await store.recordCause(id, cause).catch((error) => {
    log.error({ err: error, process: id }, 'the cause of a stop could not be recorded');
    return cause;
  });
  if (live.hasExited) return;
  live.cause ??= standing ?? cause;
  live.how = how;
  live.interruption.abort();
  if (live.container) await stopLive(dependencies, live.container, how);
}

async function stopLive({ untilDone, log }: Tools, container: RunningContainer, how: StopHow): Promise<void> {
  await untilDone(
    () => stopContainer(container, how),
    (error) => log.warn({ err: error, container: container.id }, 'a container could not be stopped; trying again'),
  );
}
