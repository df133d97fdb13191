import type { OutputFrame, OutputTimes } from '../output/output-store.ts';
import type { ContainerLimits } from '../process/limits.ts';
import type { ContainerExit } from '../process/outcome.ts';
import type { Scope, Usage } from '../process/record.ts';
import type { Job } from './job.ts';

/** What is fixed when a container is created. It says nothing of the process: a container can be made ahead of the process that it is for. */
export interface ContainerSpec {
  readonly scope: Scope;
  /** Folder name of the language image. */
  readonly image: string;
  readonly sandboxId: string;
  /** User and group id of everything in the container. */
  readonly uid: number;
  readonly limits: ContainerLimits;
  /** The engine's name of what runs it; the engine's default when absent. */
  readonly runtime?: string | null;
  /** The request that it is made for, which the container is labelled with; absent when it is made ahead. */
  readonly requestId?: string | null;
  /** The network of its sandbox, by which it reaches the public internet, where the engine offers that; it has none otherwise. */
  readonly network?: 'internet' | undefined;
}

/** A container that has started and waits for its one job. It ends by itself, without having run anything, when its server goes away. */
export interface PreparedContainer {
  /** The engine's own id. */
  readonly id: string;
  /** Resolves when it has ended without having taken a job. */
  readonly died: Promise<void>;
  /**
   * Gives it its job, once. Resolves when the program has the whole job, or when nobody can tell whether it has: then the exit says how it ended. With an
   * engine that breaks down in between it waits until that is back. Answers undefined when the container ended without having taken the job, so that nothing has run, and has then removed it, as far as the engine
   * can be reached.
   */
  begin(job: Job): Promise<RunningContainer | undefined>;
  /** Changes memory, CPUs and the limit of processes; the rest of the limits stays as it was made. */
  fit(limits: ContainerLimits): Promise<void>;
  /** Removes the container. Idempotent. */
  remove(): Promise<void>;
}

/** A program's standard input. What is written after the program has ended, or has closed it, is dropped. */
export interface ProgramInput {
  /** Resolves when the engine takes more. */
  write(data: Uint8Array): Promise<void>;
  /** End of file. Idempotent. */
  end(): void;
  readonly isEnded: boolean;
}

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL' | 'SIGUSR1' | 'SIGUSR2' | 'SIGTERM';

export interface RunningContainer {
  /** The engine's own id. */
  readonly id: string;
  /**
   * What its program writes, exact to the byte, each stream in its order; iterate once. It pulls: a slow reader slows the program, and one that
   * stops for good must leave the loop. It ends with the program, or with an error when the engine or the way to it is gone. The data of what it gives
   * holds until more is asked for: its memory is used again, so who keeps any of it makes a copy.
   */
  readonly output: AsyncIterable<readonly OutputFrame[]>;
  /** False when the engine has dropped the beginning: `output` then begins with what came after the newest piece that the adopter had. */
  readonly isOutputFromStart: boolean;
  /** Resolves exactly once and never rejects: as soon as the engine has said how the program ended, or that it knows nothing of it any more. */
  readonly exit: Promise<ContainerExit>;
  /** Has ended already for an adopted container: it ends with the server that gave the job. */
  readonly stdin: ProgramInput;
  /** Asks the program to end (SIGTERM), and ends everything in the container after `graceMs`. Resolves when it has ended; idempotent. */
  stop(graceMs: number): Promise<void>;
  /** Sends a signal to the program. Nothing happens to one that has ended. */
  signal(signal: Signal): Promise<void>;
  /** Freezes everything in the container, until `resume`. Both are idempotent; `stop` works on a frozen one. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** What it has used so far; undefined when the engine cannot tell, or no longer. Never rejects. */
  usage(): Promise<Usage | undefined>;
  /** Removes the container, running or not. Idempotent. */
  remove(): Promise<void>;
}

export interface ContainerSummary {
  readonly id: string;
  readonly sandboxId: string;
  readonly createdAt: number;
}

export interface DiskUse {
  /** What each sandbox's volumes take, in bytes, by its id. */
  readonly bytes: ReadonlyMap<string, number>;
  /** What the engine's disk has left; undefined when it is not this machine's. */
  readonly freeBytes: number | undefined;
}

export interface EngineInfo {
  readonly version: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** `gone`: the engine has no such container. `unused`: it had never got its job, so that nothing has run, and is removed. */
export type Adoption = RunningContainer | 'gone' | 'unused';

/**
 * What runs containers. Contract (test/contract/container-engine.ts):
 * - `prepare` resolves once the container has started. When it rejects (IMAGE_MISSING, ENGINE_REFUSED, ENGINE_UNAVAILABLE, or the signal's reason) no
 *   container is left, except while the engine cannot be reached: `list` then shows it as soon as it can, and it has no job;
 * - `adopt` takes over a container that an earlier server started; its output begins again at the first byte, or, where the engine has dropped
 *   that, after the newest piece that the adopter says it has. One of which the engine no longer knows whether it started has vanished;
 * - `list` shows the containers of this server's instance only, whatever their state, but none of its own that still waits for its job;
 * - a container that is to have its sandbox's network has it, made when it is the first; where none is offered, it is made without;
 * - every round trip has a deadline, and a broken connection ends in an error, not in silence.
 */
export interface ContainerEngine {
  prepare(spec: ContainerSpec, signal: AbortSignal): Promise<PreparedContainer>;
  /** Whether `prepare`, called now, answers with one that was made ahead, as far as can be seen. */
  hasReady(spec: ContainerSpec): boolean;
  adopt(containerId: string, kept?: OutputTimes): Promise<Adoption>;
  list(): Promise<readonly ContainerSummary[]>;
  /** Removes a container by the engine's id, running or not. Idempotent. */
  remove(containerId: string): Promise<void>;
  /** The sandboxes that have volumes (/workspace, /tmp), or what stands for them, of this server's instance. */
  listVolumes(): Promise<readonly string[]>;
  /** Removes a sandbox's volumes. Idempotent; rejects while a container has it. */
  removeVolume(sandboxId: string): Promise<void>;
  /** The sandboxes that have a network of this server's instance. */
  listNetworks(): Promise<readonly string[]>;
  /** Removes a sandbox's network. Idempotent; rejects while a container is in it. */
  removeNetwork(sandboxId: string): Promise<void>;
  /**
   * Has every network of this instance held by its rules, and answers whether some lacked; removes the rules where no network is, and, where none is
   * offered any more, the networks, from under their containers.
   */
  guardNetworks(): Promise<'kept' | 'raised'>;
  /** What sandboxes take on the engine's disk, as of now. */
  diskUse(sandboxIds: readonly string[]): Promise<DiskUse>;
  ping(): Promise<EngineInfo>;
}
