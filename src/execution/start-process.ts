import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEngine, ContainerSpec, RunningContainer } from '../engine/container-engine.ts';
import { NO_JOB_EXIT_CODE } from '../engine/job.ts';
import { CoracleError, isDiskFull, isEngineAway } from '../errors.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import type { ContainerLimits } from '../process/limits.ts';
import { type LoadedProcess, NOTHING_RAN, type ProcessStore, type Transition } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { UntilDone } from './retry.ts';

export interface StartDependencies {
  readonly store: ProcessStore;
  readonly sandboxes: SandboxStore;
  readonly engine: ContainerEngine;
  readonly languages: LanguageRegistry;
  readonly limits: ContainerLimits;
  readonly log: Log;
  readonly untilDone: UntilDone;
  /** Makes a record terminal, however often it takes. */
  readonly finish: (id: string, change: Transition) => Promise<void>;
}

export interface StartedProcess {
  /** Still `queued`: that it runs is for the caller to record. */
  readonly record: ProcessRecord;
  /** When the container was asked for. */
  readonly startingAt: number;
  readonly container: RunningContainer;
}

/** Between two tries to start on an engine that is away, or with a disk that is full. */
const RETRY_MS = 1_000;
/** An engine that is going down, or just coming up, refuses in words of its own for a moment; one that means it still does after so many tries. */
const REFUSALS = 4;
/** A launcher that got no job leaves at once; a container that is still there after this has got one. */
const LAUNCHER_LEAVES_MS = 2_000;

/**
 * Starts the container of a queued process. Answers undefined when it did not come to that; the record is then terminal.
 * While the engine is away or the disk full the process stays queued. `mayBeStarted` says that a server that died may have left a container: that one is then taken
 * over instead of starting a second.
 */
export async function startProcess(
  dependencies: StartDependencies,
  live: Live,
  { id, mayBeStarted }: { id: string; mayBeStarted: boolean },
): Promise<StartedProcess | undefined> {
  const { store, log, untilDone } = dependencies;
  const loaded = await untilDone(
    () => store.load(id),
    (error) => log.error({ err: error, process: id }, 'a record could not be read; trying again'),
  );
  if (!loaded) return undefined;
  live.cause ??= loaded.record.cause;
  // An earlier server was told to end it before it had started it.
  if (live.cause) live.interruption.abort();
  const tally = { refusals: 0 };
  for (let mustLook = mayBeStarted; ; mustLook = true) {
    const startingAt = Date.now();
    try {
      const leftover = mustLook ? await takeOverLeftover(dependencies.engine, id) : undefined;
      const container = leftover ?? (await startContainer(dependencies, loaded, live));
      return { record: loaded.record, container, startingAt };
    } catch (error) {
      if (await gaveUp(dependencies, live, { id, error, tally })) return undefined;
      await sleep(RETRY_MS, undefined, { signal: live.interruption.signal }).catch(() => undefined);
    }
  }
}

async function startContainer(dependencies: StartDependencies, { record, source }: LoadedProcess, live: Live): Promise<RunningContainer> {
  const { sandboxes, engine, languages, limits } = dependencies;
  live.interruption.signal.throwIfAborted();
  const language = languages.resolve(record.language);
  const sandbox = await sandboxes.ensure(record.scope);
  const { file, compile, run } = language;
  const job = { workingDir: record.workingDir, file, compile, run, env: { ...language.env, ...source.env }, code: source.code };
  const spec: ContainerSpec = { processId: record.id, scope: record.scope, image: language.image, sandboxId: sandbox.id, uid: sandbox.uid, limits, job };
  return engine.start(spec, live.interruption.signal);
}

/** One whose launcher never got its job has not run: it is removed, and the process starts anew. */
async function takeOverLeftover(engine: ContainerEngine, id: string): Promise<RunningContainer | undefined> {
  const container = await engine.adopt(id);
  if (!container) return undefined;
  const exit = await Promise.race([container.exit, sleep(LAUNCHER_LEAVES_MS, undefined, { ref: false })]);
  if (exit?.kind !== 'exited' || exit.exitCode !== NO_JOB_EXIT_CODE) return container;
  await container.remove();
  return undefined;
}

interface FailedStart {
  readonly id: string;
  readonly error: unknown;
  /** How often the engine has refused before. */
  readonly tally: { refusals: number };
}

/** Makes the record terminal unless there is hope: an engine that is away comes back, and a disk that is full has room again. */
async function gaveUp({ finish, log }: StartDependencies, live: Live, { id, error, tally }: FailedStart): Promise<boolean> {
  const ending = { ...NOTHING_RAN, endedAt: Date.now() };
  if (live.cause === 'kill') {
    live.mayHaveLeftover = isEngineAway(error);
    await finish(id, { ...ending, to: 'killed', failure: null });
    return true;
  }
  if (isRefusal(error)) tally.refusals += 1;
  if (isEngineAway(error) || isDiskFull(error) || (isRefusal(error) && tally.refusals < REFUSALS)) {
    log.warn({ err: error, process: id }, 'a process could not be started; it stays queued and is tried again');
    return false;
  }
  log.error({ err: error, process: id }, 'a process could not be started');
  const message = error instanceof CoracleError ? error.message : 'The process could not be started. The server log says why.';
  await finish(id, { ...ending, to: 'failed', failure: { kind: 'start', message } });
  return true;
}

function isRefusal(error: unknown): boolean {
  return error instanceof CoracleError && error.code === 'ENGINE_REFUSED';
}
