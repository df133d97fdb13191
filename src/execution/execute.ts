import { CoracleError } from '../errors.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';
import type { Kill } from './kill.ts';
import type { Submission, Submit } from './submit.ts';
import type { WaitUntilEnded } from './wait.ts';

export interface ExecuteDependencies {
  readonly submit: Submit;
  readonly kill: Kill;
  readonly waitUntilEnded: WaitUntilEnded;
}

/** The caller who waits for the end. */
export interface Waiter {
  readonly idempotencyKey: string | undefined;
  /** Aborted when nobody waits any more: the client has left, or the server shuts down. */
  readonly gone: AbortSignal;
  /** Whether it is the client that has left. */
  readonly hasLeft: () => boolean;
}

/** Submits a process and answers its record when it has ended; rejects as `submit` does. */
export type Execute = (scope: Scope, submission: Submission, waiter: Waiter) => Promise<ProcessRecord>;

/** As long as a timer can be set for; the process's own time-out comes first. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A process whose client leaves is stopped, and its record says so: nobody reads its answer, and a client that repeats its request would run it beside
 * the first. With an idempotency key it goes on, because the repeat then gets this very process. At a shutdown the answer is the record as it is.
 */
export function createExecute({ submit, kill, waitUntilEnded }: ExecuteDependencies): Execute {
  return async (scope, submission, { idempotencyKey, gone, hasLeft }) => {
    const { accepted } = await submit(scope, submission, idempotencyKey);
    const record = await waitUntilEnded(scope, accepted.id, { ms: LONGEST_MS, signal: gone });
    if (!record) throw new CoracleError('NOT_FOUND', `The record of ${accepted.id} was removed before it could be answered.`);
    if (isTerminal(record.status) || !hasLeft() || idempotencyKey !== undefined) return record;
    const stopped = await kill(scope, record.id, { cause: 'abandoned' });
    return 'record' in stopped ? stopped.record : record;
  };
}
