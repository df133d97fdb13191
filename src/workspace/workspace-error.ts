import { CoracleError, type ErrorCode } from '../errors.ts';

export const FILE_ERROR_CODES = [
  'FILE_NOT_FOUND',
  'FILE_ALREADY_EXISTS',
  'PATH_NOT_ALLOWED',
  'INVALID_PATH',
  'PERMISSION_DENIED',
  'FILE_TOO_LARGE',
  'FILE_OPERATION_FAILED',
] as const satisfies readonly ErrorCode[];

export type FileErrorCode = (typeof FILE_ERROR_CODES)[number];

/** Why something could not be done to a file. */
export class WorkspaceError extends CoracleError {
  readonly path: string;

  constructor(code: FileErrorCode, path: string, message: string) {
    super(code, message);
    this.name = 'WorkspaceError';
    this.path = path;
  }
}
