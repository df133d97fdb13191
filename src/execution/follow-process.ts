import type { ContainerEngine, RunningContainer } from '../engine/container-engine.ts';
import { type ContainerExit, decideOutcome, type StopCause } from '../process/outcome.ts';
import type { Transition } from '../process/process-store.ts';
import type { ProcessRecord, Usage } from '../process/record.ts';
import { activeMs } from '../sandbox/lifetime.ts';
import type { Pause } from '../sandbox/pause.ts';
import { type CollectedOutput, collectOutput } from './collect-output.ts';
import { createDeadline } from './deadline.ts';
import { type FreezeDependencies, settle } from './freeze.ts';
import { type KeepArtifactsDependencies, keepArtifacts } from './keep-artifacts.ts';
import type { Live } from './live.ts';
import { createSink } from './output-sink.ts';
import { sampleUsage } from './sample-usage.ts';

export interface FollowDependencies extends FreezeDependencies, KeepArtifactsDependencies {
  readonly engine: ContainerEngine;
  readonly floodBytesPerSecond: number;
  /** Makes a record terminal, however often it takes. */
  readonly finish: (id: string, change: Transition) => Promise<void>;
  readonly interrupt: (id: string, cause: StopCause) => void;
}

/** Follows a running container to its end, with its time-out and its output, and makes the record terminal. */
export async function followProcess(dependencies: FollowDependencies, live: Live, { record, pauses }: Followed): Promise<void> {
  const { interrupt } = dependencies;
  const container = live.container as RunningContainer;
  const startedAt = record.startedAt ?? 0;
  const deadline = createDeadline(record.timeoutSeconds * 1000 - activeMs(pauses, startedAt, Date.now()), () => interrupt(record.id, 'timeout'));
  live.deadline = deadline;
  void settle(dependencies, live).catch(() => undefined);
  const usage = sampleUsage(container);
  const ended = new AbortController();
  const hurry = AbortSignal.any([live.interruption.signal, ended.signal]);
  const output = collectOutput({ ...dependencies, record, container, hurry, onOutputLimit: once(() => interrupt(record.id, 'output_limit')) });
  // It is waited for below; until then its failure, such as that the server lets go, is nobody's.
  output.catch(() => undefined);
  const exit = await container.exit;
  live.hasExited = true;
  deadline.cancel();
  ended.abort();
  await conclude(dependencies, record, { exit, cause: live.cause, startedAt, output: await output, usage: usage() });
}

export interface Followed {
  readonly record: ProcessRecord;
  /** Of its sandbox, as far as they may have been while it ran. */
  readonly pauses: readonly Pause[];
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/** For a record whose container is nowhere to be found. */
export async function concludeVanished(dependencies: FollowDependencies, live: Live, record: ProcessRecord): Promise<void> {
  const exit = { kind: 'vanished', reason: 'The container was gone when the server came back. Submit it again.' } as const;
  const sink = createSink(dependencies.outputs, record);
  // For the bytes that it has, where nothing more comes.
  await sink.written().catch(() => undefined);
  const output = { isComplete: false, storedBytes: sink.storedBytes(), result: undefined };
  await sink.close();
  await conclude(dependencies, record, { exit, cause: live.cause, startedAt: record.startedAt ?? 0, output, usage: null });
}

interface Conclusion {
  readonly exit: ContainerExit;
  readonly cause: StopCause | null;
  readonly startedAt: number;
  readonly output: CollectedOutput;
  readonly usage: Usage | null;
}

async function conclude(dependencies: FollowDependencies, record: ProcessRecord, { exit, cause, startedAt, output, usage }: Conclusion): Promise<void> {
  const { finish } = dependencies;
  const { timeoutSeconds, outputLimit, limits } = record;
  const resultBytes = await keepResult(dependencies, record, output.result);
  const { status, exitCode, failure } = decideOutcome({ exit, cause, timeoutSeconds, memoryBytes: limits.memoryBytes, outputLimit });
  const endedAt = exit.kind === 'exited' && exit.endedAt ? Math.max(exit.endedAt, startedAt) : Date.now();
  // What vanished may have written more than came through.
  const outputComplete = output.isComplete && exit.kind === 'exited' && !exit.mayLackOutput;
  // Who kills a process wants no more of it.
  const wantsArtifacts = record.artifacts !== null && exit.kind === 'exited' && cause !== 'kill' && cause !== 'abandoned';
  const artifacts = wantsArtifacts ? await keepArtifacts(dependencies, record) : { files: null, bytes: 0 };
  const storedBytes = output.storedBytes + resultBytes + artifacts.bytes;
  await finish(record.id, { to: status, endedAt, exitCode, failure, outputComplete, storedBytes, usage, artifacts: artifacts.files });
}

/** Answers the bytes that it takes. A disk that is full costs the result, and holds up nothing. */
async function keepResult({ outputs, log }: FollowDependencies, { id }: ProcessRecord, result: Uint8Array | undefined): Promise<number> {
  if (!result) return 0;
  try {
    await outputs.keepResult(id, result);
    return result.length;
  } catch (error) {
    log.warn({ err: error, process: id }, 'the result of a process could not be kept');
    return 0;
  }
}
