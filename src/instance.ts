import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from './ids.ts';

/**
 * The name under which a data folder's server marks what it owns on the engine; made once. It stands beside the store and not in it, so that a
 * server whose store was lost still knows its containers, and can refuse to take them for strangers'.
 */
export function readInstance(dataDir: string): string {
  const path = join(dataDir, 'instance');
  try {
    writeFileSync(path, newId('inst'), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
