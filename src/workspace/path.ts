import { posix } from 'node:path';
import { WorkspaceError } from './workspace-error.ts';

/** The kernel's PATH_MAX, its ending NUL included. */
const MAX_BYTES = 4096;

/**
 * The plain form of a path as a caller wrote it; a relative one is below /workspace. Throws INVALID_PATH, or PATH_NOT_ALLOWED outside of /workspace and
 * /tmp. Where links lead is looked at in the container (images/launcher/files).
 */
export function plainPath(asked: string): string {
  if (asked === '' || asked.includes('\0') || !asked.isWellFormed() || Buffer.byteLength(asked) >= MAX_BYTES)
    throw new WorkspaceError('INVALID_PATH', asked, 'The path must have 1 to 4095 bytes and no NUL.');
  const path = posix.resolve('/workspace', asked);
  if (!/^\/(?:workspace|tmp)(?:\/|$)/.test(path)) throw new WorkspaceError('PATH_NOT_ALLOWED', asked, 'Only files below /workspace and /tmp can be reached.');
  return path;
}
