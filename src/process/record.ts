import type { Artifacts } from './artifacts.ts';
import type { ContainerLimits } from './limits.ts';
import type { Failure, StopCause } from './outcome.ts';
import type { ProcessStatus } from './status.ts';

/** Whose process it is. Every tenant-facing look-up takes a scope, and another tenant's process is not found in it. */
export interface Scope {
  /** 1 to 128 characters of `A-Z a-z 0-9 _ . : @ | -`. */
  readonly tenant: string;
  readonly sandbox: string;
}

export type OnOutputLimit = 'truncate' | 'kill';

/** What a process used, as far as the engine told while it ran: the last look may have been some seconds before the end, so both are lower bounds. */
export interface Usage {
  readonly peakMemoryBytes: number;
  readonly cpuMs: number;
}

/** One background execution as it is kept on disk. Times are milliseconds since 1970; what is not known yet is `null`. */
export interface ProcessRecord {
  readonly id: string;
  readonly executionId: string;
  /** Of the call that submitted it, as in the audit log. */
  readonly requestId: string | null;
  readonly scope: Scope;
  readonly name: string | null;
  readonly language: string;
  /** The engine's name of what runs its container; `null` for the engine's default. */
  readonly runtime: string | null;
  readonly workingDir: string;
  /** Seconds from the start of the container, 1 to 86,400. */
  readonly timeoutSeconds: number;
  readonly status: ProcessStatus;
  /** Why we ended it; the first cause wins and is recorded before it is acted on. */
  readonly cause: StopCause | null;
  readonly failure: Failure | null;
  /** `null` until it has ended, and for ever when the engine lost it. */
  readonly exitCode: number | null;
  /** False when the engine lost part of the output: what is kept is then exact but not whole. */
  readonly outputComplete: boolean;
  /** Of its container, in force. */
  readonly limits: ContainerLimits;
  /** Bytes of output that are kept, both streams together. */
  readonly outputLimit: number;
  /** What happens when it writes more: the middle is dropped and counted, or the process is ended. */
  readonly onOutputLimit: OnOutputLimit;
  /** Bytes on disk that its output takes, once it has ended. */
  readonly storedBytes: number;
  readonly usage: Usage | null;
  /** Null when none were asked for. */
  readonly artifacts: Artifacts | null;
  readonly acceptedAt: number;
  /** When its container was asked for. */
  readonly startingAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** The engine's id of its container, which is on record before the container gets its job. */
  readonly containerId: string | null;
}
