import type { Artifact } from './artifacts.ts';
import type { Failure, StopCause } from './outcome.ts';
import type { ProcessRecord, Scope, Usage } from './record.ts';
import type { ProcessSource } from './source.ts';
import type { ProcessStatus, TerminalStatus } from './status.ts';

/** A change of status. A store applies it only from a status that TRANSITIONS allows, and answers undefined otherwise. */
export type Transition =
  | { readonly to: 'running'; readonly startingAt: number; readonly startedAt: number; readonly containerId: string }
  | {
      readonly to: TerminalStatus;
      readonly endedAt: number;
      readonly exitCode: number | null;
      readonly failure: Failure | null;
      readonly outputComplete: boolean;
      readonly storedBytes: number;
      readonly usage: Usage | null;
      /** As far as the record asks for any; absent: not fetched. */
      readonly artifacts?: readonly Artifact[] | null;
    };

export interface Reassignment {
  /** The engine's id of the container that took no job. */
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
}

/** An ending without a run: nothing was printed or used. */
export const NOTHING_RAN = { exitCode: null, outputComplete: true, storedBytes: 0, usage: null } as const;

/** What a caller sends to make a repeated submission count once. */
export interface IdempotencyKey {
  /** Unique within the tenant. */
  readonly key: string;
  /** Of all that was asked for, so that the same key with something else is found out. */
  readonly fingerprint: string;
}

/** What the answer to a submission says; kept with the key, so that it outlives the record. */
export type Accepted = Pick<ProcessRecord, 'id' | 'executionId' | 'name' | 'acceptedAt'>;

export interface Repeat {
  readonly fingerprint: string;
  readonly accepted: Accepted;
}

export interface PageRequest {
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `nextCursor` of the page before, or another of its cursors; the rest of the request has to be the same. */
  readonly cursor?: string | undefined;
  /** The newest by default. */
  readonly first?: 'newest' | 'oldest' | undefined;
  readonly statuses?: readonly ProcessStatus[] | undefined;
  readonly name?: string | undefined;
  readonly language?: string | undefined;
  /** Accepted then or later, in milliseconds since 1970. */
  readonly since?: number | undefined;
}

export interface ProcessPage {
  readonly records: readonly ProcessRecord[];
  /** Of each record, where the next page would begin if it were the last of this one. */
  readonly cursors: readonly string[];
  readonly nextCursor: string | null;
}

export interface LoadedProcess {
  readonly record: ProcessRecord;
  readonly source: ProcessSource;
}

/** How long an idempotency key is kept. */
export const KEY_LIFE_MS = 24 * 3600 * 1000;

/**
 * Where records live. Contract (test/contract/process-store.ts):
 * - every method that changes something has it on disk before its promise resolves, or rejects and has changed nothing;
 * - changes are made in the order in which they are asked for: one that is being inserted can be started, and is when both have resolved;
 * - `transition`, `reassign` and `recordCause` are compare-and-set: of two that compete, one wins and the other gets undefined or the winner's word;
 * - `insert` with a key that the tenant has used within KEY_LIFE_MS records nothing and answers with the first submission;
 * - tenant-facing methods take the scope first and never answer with another scope's record;
 * - `load`, `queued` and `running` are for the server itself, over all tenants, oldest first.
 */
export interface ProcessStore {
  insert(record: ProcessRecord, source: ProcessSource, key?: IdempotencyKey): Promise<Repeat | undefined>;
  /** The submission that a key stands for, if the tenant has used it within KEY_LIFE_MS. */
  findRepeat(tenant: string, key: string): Promise<Repeat | undefined>;
  find(scope: Scope, id: string): Promise<ProcessRecord | undefined>;
  /** In the order of insertion, either way; stable while others are added, removed and changed. */
  list(scope: Scope, page: PageRequest): Promise<ProcessPage>;
  load(id: string): Promise<LoadedProcess | undefined>;
  transition(id: string, change: Transition): Promise<ProcessRecord | undefined>;
  /** Says that a running process is in another container than the one on record, which has never run it; answers undefined when it is not so any more. */
  reassign(id: string, change: Reassignment): Promise<ProcessRecord | undefined>;
  /** Records why we are about to end a process that has not ended; answers the cause that stands afterwards, undefined once it has ended. */
  recordCause(id: string, cause: StopCause): Promise<StopCause | undefined>;
  queued(): Promise<readonly ProcessRecord[]>;
  running(): Promise<readonly ProcessRecord[]>;
}
