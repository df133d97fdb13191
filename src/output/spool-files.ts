import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const SUFFIX = '.seg';

export function segmentPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(8, '0')}${SUFFIX}`);
}

/** The segments of a spool, oldest first; none for a directory that does not exist. */
export async function segmentNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch(missing);
  return (names ?? [])
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** For `catch`: a file that is not there reads as undefined, anything else is rethrown. */
export function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
