import { CoracleError } from '../../errors.ts';

/** The status of an engine's answer, or undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** For `catch`: the engine's way to say "already so" counts as done. 304 stopped before, 404 gone, 409 not running or on its way out. */
export function alreadySo(error: unknown): undefined {
  if (![304, 404, 409].includes(statusOf(error) ?? 0)) throw translate(error);
  return undefined;
}

/** For `catch`: what is not there reads as undefined. */
export function notThere(error: unknown): undefined {
  if (statusOf(error) !== 404) throw translate(error);
  return undefined;
}

/** Engine errors hold host paths, so their text stays in `cause` and the message is ours. */
export function translate(error: unknown): unknown {
  if (error instanceof CoracleError || (error instanceof Error && error.name === 'AbortError')) return error;
  const status = statusOf(error);
  if (status === undefined) return new CoracleError('ENGINE_UNAVAILABLE', 'The container engine could not be reached. Check that it is running.', error);
  return new CoracleError('ENGINE_REFUSED', 'The container engine refused to start the container. The server log says why.', error);
}

/** As `translate`, for the create call, whose 404 speaks of the image. */
export function translateCreate(error: unknown): unknown {
  if (statusOf(error) !== 404) return translate(error);
  return new CoracleError('IMAGE_MISSING', 'The image of this language is missing on the engine. Ask the operator to run "npm run setup".', error);
}
