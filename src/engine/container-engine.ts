import type { OutputFrame, OutputTimes } from '../output/output-store.ts';
import type { ContainerLimits } from '../process/limits.ts';
import type { ContainerExit } from '../process/outcome.ts';
import type { Scope, Usage } from '../process/record.ts';
import type { Job } from './job.ts';

/** What is fixed when a container is created, and the job that it gets. */
export interface ContainerSpec {
  /** The record it belongs to; an engine never has two containers of one process. */
  readonly processId: string;
  readonly scope: Scope;
  /** Folder name of the language image. */
  readonly image: string;
  readonly sandboxId: string;
  /** User and group id of everything in the container. */
  readonly uid: number;
  readonly limits: ContainerLimits;
  readonly job: Job;
}

export interface RunningContainer {
  /** The engine's own id. */
  readonly id: string;
  /** When its program started, in milliseconds since 1970. */
  readonly startedAt: number;
  /**
   * What its program writes, exact to the byte, each stream in its order; iterate once. It pulls: a slow reader slows the program, and one that
   * stops for good must leave the loop. It ends with the program, or with an error when the engine or the way to it is gone.
   */
  readonly output: AsyncIterable<readonly OutputFrame[]>;
  /** False when the engine has dropped the beginning: `output` then begins with what came after the newest piece that the adopter had. */
  readonly isOutputFromStart: boolean;
  /** Resolves exactly once and never rejects: as soon as the engine has said how the program ended, or that it knows nothing of it any more. */
  readonly exit: Promise<ContainerExit>;
  /** Asks the program to end (SIGTERM), and ends everything in the container after `graceMs`. Resolves when it has ended; idempotent. */
  stop(graceMs: number): Promise<void>;
  /** What it has used so far; undefined when the engine cannot tell, or no longer. Never rejects. */
  usage(): Promise<Usage | undefined>;
  /** Removes the container, running or not. Idempotent. */
  remove(): Promise<void>;
}

export interface ContainerSummary {
  readonly id: string;
  readonly processId: string;
  readonly createdAt: number;
}

export interface EngineInfo {
  readonly version: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/**
 * What runs containers. Contract (test/contract/container-engine.ts):
 * - `start` resolves once the program has its whole job. When it rejects (IMAGE_MISSING, ENGINE_REFUSED, ENGINE_UNAVAILABLE, or the signal's reason)
 *   no container of the process is left, except while the engine cannot be reached: `list` then shows it as soon as it can;
 * - `adopt` takes over a container that an earlier server started; its output begins again at the first byte, or, where the engine has dropped
 *   that, after the newest piece that the adopter says it has. It answers undefined when the
 *   container is gone or had never started, and has then removed what was left. One of which the engine no longer knows whether it started has vanished;
 * - `list` shows the containers of this server's instance only, whatever their state;
 * - every round trip has a deadline, and a broken connection ends in an error, not in silence.
 */
export interface ContainerEngine {
  start(spec: ContainerSpec, signal: AbortSignal): Promise<RunningContainer>;
  adopt(processId: string, kept?: OutputTimes): Promise<RunningContainer | undefined>;
  list(): Promise<readonly ContainerSummary[]>;
  /** Removes a container by the engine's id, running or not. Idempotent. */
  remove(containerId: string): Promise<void>;
  /** The sandboxes that have a workspace volume of this server's instance. */
  listVolumes(): Promise<readonly string[]>;
  /** Removes a sandbox's workspace volume. Idempotent; rejects while a container has it. */
  removeVolume(sandboxId: string): Promise<void>;
  ping(): Promise<EngineInfo>;
}
