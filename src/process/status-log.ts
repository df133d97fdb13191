import type { ProcessRecord, Scope } from './record.ts';

export interface StatusChange {
  /** Grows with every change, over all scopes, and is never used again. */
  readonly seq: number;
  /** As it was right after the change. */
  readonly record: ProcessRecord;
}

/**
 * Every change of status in its order, kept as long as its record. Contract (test/contract/status-log.ts): a change is in the log as soon as it is in the
 * store, exactly once, and no later change has a smaller `seq`.
 */
export interface StatusLog {
  /** Changes after `seq`, oldest first. */
  after(scope: Scope, seq: number, limit: number): Promise<readonly StatusChange[]>;
  /** The `seq` after which the newest `count` changes of the scope come. */
  beforeNewest(scope: Scope, count: number): Promise<number>;
}
