import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEngine, PreparedContainer, RunningContainer } from '../engine/container-engine.ts';
import { CoracleError, isDiskFull, isEngineAway } from '../errors.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import { neverRan } from '../process/outcome.ts';
import { type LoadedProcess, NOTHING_RAN, type ProcessStore, type Transition } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { SourceInput } from '../process/source.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import { specOf } from './container-spec.ts';
import { jobOf } from './job-of.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { UntilDone } from './retry.ts';

export interface StartDependencies {
  readonly store: ProcessStore;
  readonly sandboxes: SandboxStore;
  readonly engine: ContainerEngine;
  readonly languages: LanguageRegistry;
  readonly log: Log;
  readonly untilDone: UntilDone;
  /** Makes a record terminal, however often it takes. */
  readonly finish: (id: string, change: Transition) => Promise<void>;
}

/** A process as it is on disk, or is just being put there. */
export interface Startable extends LoadedProcess {
  /** Whether it came on disk, told when whoever submitted it has been answered; absent when it was there before. Never rejects. */
  readonly isRecorded?: Promise<boolean>;
}

export interface ToStart {
  readonly id: string;
  /** Read from the store when absent. */
  readonly known?: Startable | undefined;
}

export interface StartedProcess {
  /** `running`. */
  readonly record: ProcessRecord;
  readonly container: RunningContainer;
}

/** Between two tries to start on an engine that is away, or with a disk that is full. */
const RETRY_MS = 1_000;
/** An engine that is going down, or just coming up, refuses in words of its own for a moment; one that means it still does after so many tries. */
const REFUSALS = 4;
/** So many containers that end before they take their job are no accident: what they start is broken. */
const MOST_UNUSED = 16;
const BROKEN =
  'Its containers end before they take it. Ask the operator: "coracle doctor" says whether the interpreter starts, and how to build its image anew.';

/**
 * Starts a process that is queued, or on record as running in a container that never got its job. Answers undefined when it did not come to that; the
 * record is then terminal. While the engine is away or the disk full it stays as it is. The container is on record before it gets the job, so that a
 * server that dies in between leaves one that has run nothing, and nothing can run twice. One that is just being recorded, and then is not, gets no job.
 */
export async function startProcess(dependencies: StartDependencies, live: Live, toStart: ToStart): Promise<StartedProcess | undefined> {
  const { log } = dependencies;
  const { id } = toStart;
  const loaded = await load(dependencies, toStart);
  if (!loaded) return undefined;
  live.cause ??= loaded.record.cause;
  // An earlier server was told to end it before it had started it.
  if (live.cause) live.interruption.abort();
  const tally = { refusals: 0, unused: 0 };
  for (let current: Startable = loaded; ; ) {
    try {
      const attempt = await tryStart(dependencies, live, current);
      if (!attempt) return undefined;
      if (attempt.container) return { record: attempt.record, container: attempt.container };
      log.warn({ process: id, container: attempt.record.containerId }, 'a container ended before it took its job; another one gets it');
      current = { source: current.source, record: attempt.record };
      countUnused(tally);
    } catch (error) {
      if (await gaveUp(dependencies, live, { id, error, tally, isRecorded: current.isRecorded })) return undefined;
      await sleep(RETRY_MS, undefined, { signal: live.interruption.signal }).catch(() => undefined);
    }
  }
}

async function load({ store, log, untilDone }: StartDependencies, { id, known }: ToStart): Promise<Startable | undefined> {
  if (known) return known;
  return untilDone(
    () => store.load(id),
    (error) => log.error({ err: error, process: id }, 'a record could not be read; trying again'),
  );
}

/** Throws IMAGE_MISSING when it was one too many. */
function countUnused(tally: { unused: number }): void {
  tally.unused += 1;
  if (tally.unused === MOST_UNUSED) throw new CoracleError('IMAGE_MISSING', BROKEN);
}

interface Attempt {
  readonly record: ProcessRecord;
  /** Undefined: it ended before it took the job. */
  readonly container: RunningContainer | undefined;
}

/** Answers undefined when the record has been ended by somebody else, or was never made. */
async function tryStart(dependencies: StartDependencies, live: Live, { record, source, isRecorded }: Startable): Promise<Attempt | undefined> {
  const { sandboxes, engine, languages } = dependencies;
  live.interruption.signal.throwIfAborted();
  const startingAt = Date.now();
  const language = languages.resolve(record.language);
  const sandbox = await sandboxes.ensure(record.scope);
  const spec = specOf(sandbox, { image: language.image, limits: record.limits, runtime: record.runtime, requestId: record.requestId });
  // One that is ready costs nothing when it turns out to be for none; to make one would, and would hold up the answer to whoever submits.
  if (isRecorded && !engine.hasReady(spec) && !(await isRecorded)) return undefined;
  const container = await engine.prepare(spec, live.interruption.signal);
  const recorded = await recordStart(dependencies, record, { container, startingAt });
  if (!recorded) return undefined;
  await isRecorded;
  const running = await container.begin(jobOf(language, sandbox.env, { record, source }));
  if (running) feed(running, source.stdin);
  return { record: recorded, container: running };
}

/** What is known whole came with the job. A program that does not read what it is sent holds up nobody. */
function feed({ stdin }: RunningContainer, source: SourceInput | undefined): void {
  if (!source || source.isClosed) stdin.end();
  else if (source.data.length > 0) stdin.write(source.data).catch(() => undefined);
}

/** A container that does not get on record is removed. */
async function recordStart(
  { store }: StartDependencies,
  { id, status, containerId }: ProcessRecord,
  { container, startingAt }: { container: PreparedContainer; startingAt: number },
): Promise<ProcessRecord | undefined> {
  const startedAt = Date.now();
  const start = { to: 'running', startingAt, startedAt, containerId: container.id } as const;
  const move = { from: containerId ?? '', to: container.id, startedAt };
  const recorded = await (status === 'queued' ? store.transition(id, start) : store.reassign(id, move)).catch((error) => new Unrecorded(error));
  if (!recorded || recorded instanceof Unrecorded) await container.remove().catch(() => undefined);
  if (recorded instanceof Unrecorded) throw recorded;
  return recorded;
}

/** The store has failed, which says nothing against the process. */
class Unrecorded extends Error {
  constructor(cause: unknown) {
    super('the start of a process could not be recorded', { cause });
  }
}

interface FailedStart {
  readonly id: string;
  readonly error: unknown;
  /** How often the engine has refused before. */
  readonly tally: { refusals: number };
  readonly isRecorded: Startable['isRecorded'];
}

/** Makes the record, if there is one, terminal unless there is hope: an engine that is away comes back, and a disk that is full has room again. */
async function gaveUp({ finish, log }: StartDependencies, live: Live, { id, error, tally, isRecorded }: FailedStart): Promise<boolean> {
  if ((await isRecorded) === false) return true;
  const ending = { ...NOTHING_RAN, endedAt: Date.now() };
  if (live.cause === 'kill' || live.cause === 'abandoned') {
    await finish(id, { ...ending, ...neverRan(live.cause) });
    return true;
  }
  if (isRefusal(error)) tally.refusals += 1;
  if (error instanceof Unrecorded || isEngineAway(error) || isDiskFull(error) || (isRefusal(error) && tally.refusals < REFUSALS)) {
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
