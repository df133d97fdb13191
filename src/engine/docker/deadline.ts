import { CoracleError } from '../../errors.ts';

/** Round trips that only ask, in milliseconds. */
export const QUICK_MS = 10_000;
/** Round trips that make the engine work: create, start, remove. A loaded engine has been seen to take 10 s for one. */
export const SLOW_MS = 60_000;

/**
 * Gives up on a round trip after `ms`: the engine, or dockerode on a broken response, may never answer. What still arrives later is handed to
 * `discard`, so that nothing of it leaks. Rejects with ENGINE_UNAVAILABLE.
 */
export async function withDeadline<T>(work: Promise<T>, { ms, what, discard }: { ms: number; what: string; discard?: (late: T) => void }): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new CoracleError('ENGINE_UNAVAILABLE', `The container engine did not answer within ${ms / 1000} s (${what}). Check that it is running.`));
    work.then(discard, () => undefined);
  }, ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
