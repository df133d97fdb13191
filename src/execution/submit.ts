import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CoracleError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import type { OutputStore } from '../output/output-store.ts';
import type { ContainerLimits } from '../process/limits.ts';
import type { Accepted, IdempotencyKey, LoadedProcess, ProcessStore, Repeat } from '../process/process-store.ts';
import type { OnOutputLimit, ProcessRecord, Scope } from '../process/record.ts';
import { chooseRuntime, type RuntimePolicy } from '../process/runtimes.ts';
import type { ProcessSource } from '../process/source.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import type { LimitsOf, RequestMaxima } from '../tenancy/limits.ts';
import { limitsInForce, type RequestedLimits } from '../tenancy/limits-in-force.ts';
import type { Scheduler } from './scheduler.ts';

/** A request that has passed validation. */
export interface Submission extends ProcessSource {
  /** Name or alias. */
  readonly language: string;
  readonly timeoutSeconds: number;
  readonly workingDir: string;
  readonly name: string | null;
  /** Bytes; the server's default when absent, and never more than its maximum. */
  readonly outputLimit: number | null;
  /** Of the call, for the record. */
  readonly requestId?: string;
  /** The server's default when absent. */
  readonly onOutputLimit: OnOutputLimit | null;
  /** Absolute globs of the files that are kept with the record. */
  readonly artifacts?: readonly string[];
  /** What is absent is as the sandbox or the server has it. */
  readonly limits?: RequestedLimits;
  /** By the engine's name; the server's standard when absent. */
  readonly runtime?: string | null;
}

export interface OutputPolicy {
  readonly defaultBytes: number;
  readonly mostBytes: number;
  readonly onLimit: OnOutputLimit;
}

export interface SubmitDependencies {
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
  readonly scheduler: Scheduler;
  readonly languages: LanguageRegistry;
  readonly outputPolicy: OutputPolicy;
  /** Of a container whose request and sandbox say nothing. */
  readonly usual: ContainerLimits;
  readonly runtimes: RuntimePolicy;
  /** What the disk of workspaces has left. */
  readonly engineRoom: () => number;
  /** Under this many free bytes on either disk nothing is accepted. */
  readonly leastFreeBytes: number;
  readonly limitsOf: LimitsOf;
  readonly sandboxes: SandboxStore;
}

export interface Acceptance {
  readonly accepted: Accepted;
  /** An earlier submission with the same idempotency key; nothing new was recorded. */
  readonly isRepeat: boolean;
  /** Undefined when that of an earlier submission is gone. */
  readonly record: ProcessRecord | undefined;
}

export type Submit = (scope: Scope, submission: Submission, idempotencyKey?: string) => Promise<Acceptance>;

/**
 * Accepts a process: its record and code are on disk when this resolves, and no program runs before. With an idempotency key the tenant's first
 * submission under it is the one that counts, for 24 h. Rejects with INVALID_REQUEST (unknown language or runtime), CONFLICT (the key came with something else),
 * QUEUE_FULL, TENANT_LIMIT, SANDBOX_GONE, SANDBOXES_EXHAUSTED or SERVICE_UNAVAILABLE (the disk is full), and has then accepted nothing.
 */
export function createSubmit(dependencies: SubmitDependencies): Submit {
  const { store, sandboxes, scheduler, languages, outputPolicy, usual, runtimes, limitsOf } = dependencies;
  return async (scope, asked, idempotencyKey) => {
    const runtime = chooseRuntime(runtimes, asked.runtime ?? null);
    const submission = { ...asked, language: languages.resolve(asked.language).name };
    const key = idempotencyKey === undefined ? undefined : keyOf(idempotencyKey, scope, submission);
    const repeat = key && (await store.findRepeat(scope.tenant, key.key));
    if (repeat) return repeated(store, scope, { repeat, key });
    const release = scheduler.reserve(scope.tenant);
    try {
      await refuseWithoutRoom(dependencies);
      const { most, sandboxes: mostSandboxes } = limitsOf(scope.tenant);
      const sandbox = await sandboxes.ensure(scope, mostSandboxes);
      const limits = limitsInForce(submission.limits ?? {}, { usual, sandbox: sandbox.limits, most });
      const record = newRecord(scope, submission, { ...outputPolicy, most, limits, runtime });
      const earlier = await recordAndStart(dependencies, { record, source: sourceOf(submission) }, key);
      if (earlier && key) return repeated(store, scope, { repeat: earlier, key });
      return { accepted: record, isRepeat: false, record };
    } finally {
      release();
    }
  };
}

/** Where it may start at once and a container is ready, both changes of its record come on disk together. One that is not recorded after all gets no job. */
async function recordAndStart({ store, scheduler }: SubmitDependencies, fresh: LoadedProcess, key: IdempotencyKey | undefined): Promise<Repeat | undefined> {
  const { scope, id, limits } = fresh.record;
  const inserted = store.insert(fresh.record, fresh.source, key);
  const isStarted = scheduler.startAtOnce({ ...fresh, isRecorded: isRecorded(inserted) });
  const earlier = await inserted;
  if (!earlier && !isStarted) scheduler.enqueue(scope, id, limits);
  return earlier;
}

/** Told a turn later, so that whoever submitted it is answered before its start has work done. */
async function isRecorded(inserted: Promise<Repeat | undefined>): Promise<boolean> {
  const isNew = await inserted.then(
    (earlier) => earlier === undefined,
    () => false,
  );
  await nextTurn();
  return isNew;
}

/** Only what a source has: the rest of a submission is in the record. */
function sourceOf(submission: Submission): ProcessSource {
  const { language, timeoutSeconds, workingDir, name, outputLimit, onOutputLimit, limits, artifacts, runtime, requestId, ...source } = submission;
  return source;
}

async function repeated(
  store: ProcessStore,
  scope: Scope,
  { repeat: { fingerprint, accepted }, key }: { repeat: Repeat; key: IdempotencyKey },
): Promise<Acceptance> {
  if (fingerprint !== key.fingerprint)
    throw new CoracleError('CONFLICT', 'This Idempotency-Key was used with another request. Use a new key for a new request.');
  return { accepted, isRepeat: true, record: await store.find(scope, accepted.id) };
}

/** Of everything that the caller chose, and nothing that the server did: its defaults may be others when the repeat comes. */
function keyOf(key: string, { sandbox }: Scope, submission: Submission): IdempotencyKey {
  const {
    name,
    language,
    workingDir,
    timeoutSeconds,
    outputLimit,
    onOutputLimit,
    code,
    env,
    callback,
    command,
    args,
    files,
    stdin,
    limits,
    artifacts,
    runtime,
  } = submission;
  const chosen: unknown[] = [sandbox, name, language, workingDir, timeoutSeconds, outputLimit, onOutputLimit, code, Object.entries(env).sort()];
  if (runtime) chosen.push({ runtime });
  if (callback) chosen.push([callback.url, Object.entries(callback.headers).sort(), callback.secret]);
  if (command) chosen.push(command);
  if (args) chosen.push(['args', args]);
  if (files) chosen.push(['files', files.map(({ path, content }) => [path, digest(content)])]);
  if (stdin) chosen.push(['stdin', stdin.isClosed, digest(stdin.data)]);
  if (artifacts) chosen.push(['artifacts', artifacts]);
  if (limits && Object.values(limits).some((limit) => limit !== undefined)) chosen.push(['limits', Object.entries(limits).sort()]);
  return { key, fingerprint: digest(JSON.stringify(chosen)) };
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64url');
}

/** Room is kept for the records and the output of what has been accepted already. */
async function refuseWithoutRoom({ outputs, engineRoom, leastFreeBytes }: SubmitDependencies): Promise<void> {
  if (Math.min(await outputs.freeBytes(), engineRoom()) >= leastFreeBytes) return;
  throw new CoracleError('SERVICE_UNAVAILABLE', "The server's disk is full. Try again later; the operator can make room or lower the retention.");
}

interface Decided extends OutputPolicy {
  readonly most: RequestMaxima;
  readonly limits: ContainerLimits;
  readonly runtime: string | null;
}

function newRecord(scope: Scope, submission: Submission, policy: Decided): ProcessRecord {
  return {
    id: newId('proc'),
    executionId: newId('exec'),
    scope,
    name: submission.name,
    language: submission.language,
    workingDir: submission.workingDir,
    limits: policy.limits,
    runtime: policy.runtime,
    requestId: submission.requestId ?? null,
    timeoutSeconds: Math.min(submission.timeoutSeconds, policy.most.timeoutSeconds),
    outputLimit: Math.min(submission.outputLimit ?? policy.defaultBytes, policy.mostBytes, policy.most.outputBytes),
    onOutputLimit: submission.onOutputLimit ?? policy.onLimit,
    status: 'queued',
    cause: null,
    failure: null,
    exitCode: null,
    outputComplete: true,
    storedBytes: 0,
    usage: null,
    artifacts: submission.artifacts ? { patterns: submission.artifacts, files: null } : null,
    acceptedAt: Date.now(),
    startingAt: null,
    startedAt: null,
    endedAt: null,
    containerId: null,
  };
}
