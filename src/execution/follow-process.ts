import type { ContainerEngine, RunningContainer } from '../engine/container-engine.ts';
import type { OutputStore } from '../output/output-store.ts';
import type { ContainerLimits } from '../process/limits.ts';
import { type ContainerExit, decideOutcome } from '../process/outcome.ts';
import type { Transition } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import { collectOutput } from './collect-output.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { UntilDone } from './retry.ts';

export interface FollowDependencies {
  readonly engine: ContainerEngine;
  readonly outputs: OutputStore;
  readonly limits: ContainerLimits;
  readonly keptOutputBytes: number;
  readonly log: Log;
  readonly untilDone: UntilDone;
  /** Makes a record terminal, however often it takes. */
  readonly finish: (id: string, change: Transition) => Promise<void>;
  readonly onTimeout: (id: string) => void;
}

/** Follows a running container to its end, with its time-out and its output, and makes the record terminal. */
export async function followProcess(dependencies: FollowDependencies, live: Live, record: ProcessRecord): Promise<void> {
  const container = live.container as RunningContainer;
  const elapsed = Date.now() - (record.startedAt ?? container.startedAt);
  const timer = setTimeout(() => dependencies.onTimeout(record.id), Math.max(0, record.timeoutSeconds * 1000 - elapsed));
  const output = collectOutput({ ...dependencies, record, container });
  const exit = await container.exit;
  live.hasExited = true;
  clearTimeout(timer);
  await conclude(dependencies, record, { exit, cause: live.cause, isComplete: (await output).isComplete });
}

/** For a record whose container is nowhere to be found. */
export async function concludeVanished(dependencies: FollowDependencies, live: Live, record: ProcessRecord): Promise<void> {
  const exit = { kind: 'vanished', reason: 'The container was gone when the server came back. Submit it again.' } as const;
  await conclude(dependencies, record, { exit, cause: live.cause, isComplete: false });
}

interface Conclusion {
  readonly exit: ContainerExit;
  readonly cause: Live['cause'];
  readonly isComplete: boolean;
}

async function conclude({ limits, finish }: FollowDependencies, record: ProcessRecord, { exit, cause, isComplete }: Conclusion): Promise<void> {
  const { status, exitCode, failure } = decideOutcome({ exit, cause, timeoutSeconds: record.timeoutSeconds, memoryBytes: limits.memoryBytes });
  const endedAt = exit.kind === 'exited' && exit.endedAt ? Math.max(exit.endedAt, record.startedAt ?? 0) : Date.now();
  await finish(record.id, { to: status, endedAt, exitCode, failure, outputComplete: isComplete });
}
