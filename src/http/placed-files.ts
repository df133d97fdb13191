import { posix } from 'node:path';
import { CoracleError } from '../errors.ts';
import type { SourceFile } from '../process/source.ts';

/** The kernel's PATH_MAX, its ending NUL included. */
const MAX_PATH_BYTES = 4096;
const ROOTS = ['/workspace/', '/tmp/'];

/** Where a file goes whose path may be relative to the working directory. Throws INVALID_REQUEST for a path that is none, or leads elsewhere. */
export function placedFile(path: string, content: Uint8Array, workingDir: string): SourceFile {
  return { path: placeIn('files', path, workingDir), content };
}

/** As of a file, for a glob. */
export function placedGlob(pattern: string, workingDir: string): string {
  return placeIn('artifacts', pattern, workingDir);
}

function placeIn(field: 'files' | 'artifacts', path: string, workingDir: string): string {
  const place = posix.isAbsolute(path) ? path : posix.join(workingDir, path);
  const problem = problemOf(path, place);
  if (problem) throw new CoracleError('INVALID_REQUEST', `${field}: the path ${JSON.stringify(path.slice(0, 128))} ${problem}.`);
  return place;
}

function problemOf(path: string, place: string): string | undefined {
  if (path === '' || path.endsWith('/')) return 'must be the path of a file';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  if (/[\0-\x1f\x7f]/.test(path) || !path.isWellFormed()) return 'must not contain control characters';
  if (path.split('/').includes('..')) return 'must not contain ".."';
  if (Buffer.byteLength(place) >= MAX_PATH_BYTES) return 'must be shorter than 4096 bytes';
  if (!ROOTS.some((root) => posix.normalize(place).startsWith(root))) return 'must lie under /workspace or /tmp';
  return undefined;
}
