/** Stable codes of everything that can go wrong between a caller and Coracle; the HTTP layer maps each to one status. */
export type ErrorCode =
  | 'INVALID_REQUEST'
  | 'CONFLICT'
  | 'FILE_NOT_FOUND'
  | 'FILE_ALREADY_EXISTS'
  | 'FILE_TOO_LARGE'
  | 'FILE_OPERATION_FAILED'
  | 'PATH_NOT_ALLOWED'
  | 'INVALID_PATH'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'QUEUE_FULL'
  | 'INPUT_FULL'
  | 'TENANT_LIMIT'
  | 'SERVICE_UNAVAILABLE'
  | 'SANDBOXES_EXHAUSTED'
  | 'SANDBOX_GONE'
  | 'ENGINE_UNAVAILABLE'
  | 'ENGINE_REFUSED'
  | 'IMAGE_MISSING'
  | 'CONFIG_INVALID';

/**
 * A failure of the platform or of the call, never of the tenant's program: that one is a value (see process/outcome.ts).
 * `message` may be shown to a caller and ends with what to do; what must stay inside (paths, engine texts) belongs in `cause`.
 */
export class CoracleError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CoracleError';
    this.code = code;
  }
}

/** Says whether the engine was away, in which case the work may be tried again, and may also have been done. */
export function isEngineAway(error: unknown): boolean {
  return error instanceof CoracleError && error.code === 'ENGINE_UNAVAILABLE';
}

/** Says whether the disk was full, in which case nothing was done. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof CoracleError && error.code === 'SERVICE_UNAVAILABLE';
}
