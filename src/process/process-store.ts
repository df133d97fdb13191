import type { Failure, StopCause } from './outcome.ts';
import type { ProcessRecord, ProcessSource, Scope } from './record.ts';
import type { TerminalStatus } from './status.ts';

/** A change of status. A store applies it only from a status that TRANSITIONS allows, and answers undefined otherwise. */
export type Transition =
  | { readonly to: 'running'; readonly startedAt: number; readonly containerId: string }
  | {
      readonly to: TerminalStatus;
      readonly endedAt: number;
      readonly exitCode: number | null;
      readonly failure: Failure | null;
      readonly outputComplete: boolean;
    };

export interface PageRequest {
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface ProcessPage {
  readonly records: readonly ProcessRecord[];
  readonly nextCursor: string | null;
}

export interface LoadedProcess {
  readonly record: ProcessRecord;
  readonly source: ProcessSource;
}

/**
 * Where records live. Contract (test/contract/process-store.ts):
 * - every method that changes something has it on disk before its promise resolves, or rejects and has changed nothing;
 * - `transition` and `recordCause` are compare-and-set: of two that compete, one wins and the other gets undefined or the winner's word;
 * - tenant-facing methods take the scope first and never answer with another scope's record;
 * - `load`, `queued` and `running` are for the server itself, over all tenants, oldest first.
 */
export interface ProcessStore {
  insert(record: ProcessRecord, source: ProcessSource): Promise<void>;
  find(scope: Scope, id: string): Promise<ProcessRecord | undefined>;
  /** Newest first, stable while others are added. */
  list(scope: Scope, page: PageRequest): Promise<ProcessPage>;
  load(id: string): Promise<LoadedProcess | undefined>;
  transition(id: string, change: Transition): Promise<ProcessRecord | undefined>;
  /** Records why we are about to end a process that has not ended; answers the cause that stands afterwards, undefined once it has ended. */
  recordCause(id: string, cause: StopCause): Promise<StopCause | undefined>;
  queued(): Promise<readonly ProcessRecord[]>;
  running(): Promise<readonly ProcessRecord[]>;
}
