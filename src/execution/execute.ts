import { CoracleError } from '../errors.ts';
import type { Accepted } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';
import type { Kill } from './kill.ts';
import type { Log } from './log.ts';
import type { PausedSandboxes } from './paused.ts';
import type { Submission, Submit } from './submit.ts';
import type { WaitUntilEnded } from './wait.ts';

export interface ExecuteDependencies {
  readonly submit: Submit;
  readonly kill: Kill;
  readonly waitUntilEnded: WaitUntilEnded;
  readonly paused: PausedSandboxes;
  readonly log: Log;
}

/** The caller who waits for the end. */
export interface Waiter {
  readonly idempotencyKey: string | undefined;
  /** Aborted when nobody waits any more: the client has left, or the server shuts down. */
  readonly gone: AbortSignal;
  /** Whether it is the client that has left. */
  readonly hasLeft: () => boolean;
}

export interface Executed {
  readonly accepted: Accepted;
  /** As it ended; undefined when that cannot be told, because it was removed meanwhile or the store fails. */
  readonly record: ProcessRecord | undefined;
}

/** Submits a process and answers when it has ended. Rejects as `submit` does, and never once the process is accepted: a client would repeat it. */
export type Execute = (scope: Scope, submission: Submission, waiter: Waiter) => Promise<Executed>;

/** As long as a timer can be set for; the process's own time-out comes first. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A process whose client leaves is stopped, and its record says so: nobody reads its answer, and a client that repeats its request would run it beside
 * the first. In a paused sandbox, where nobody could tell how long that takes, nobody is let wait (CONFLICT). With an idempotency key it goes on, because the repeat then gets this very process. At a shutdown the answer is the record as it is.
 */
export function createExecute({ submit, kill, waitUntilEnded, paused, log }: ExecuteDependencies): Execute {
  async function ending(scope: Scope, id: string, { idempotencyKey, gone, hasLeft }: Waiter): Promise<ProcessRecord | undefined> {
    const record = await waitUntilEnded(scope, id, { ms: LONGEST_MS, signal: gone });
    if (!record || isTerminal(record.status) || !hasLeft() || idempotencyKey !== undefined) return record;
    const stopped = await kill(scope, id, { cause: 'abandoned' });
    return 'record' in stopped ? stopped.record : record;
  }

  return async (scope, submission, waiter) => {
    if (paused.has(scope)) throw new CoracleError('CONFLICT', 'The sandbox is paused. Resume it, or submit this in the background: then it waits until that.');
    const { accepted } = await submit(scope, submission, waiter.idempotencyKey);
    const record = await ending(scope, accepted.id, waiter).catch((error) => {
      log.error({ err: error, process: accepted.id }, 'the end of a process could not be waited for');
      return undefined;
    });
    return { accepted, record };
  };
}
