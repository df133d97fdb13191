import { DatabaseSync } from 'node:sqlite';
import { CoracleError } from '../../errors.ts';

const SQLITE_BUSY = 5;

/**
 * Holds a data folder for one server, until the answer is called or the process dies, however it dies: the lock is the kernel's, taken by SQLite on a
 * file of its own, so that the store stays readable for others. Throws CONFIG_INVALID when another server holds it.
 */
export function lockDataFolder(path: string): () => void {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new CoracleError(
      'CONFIG_INVALID',
      `Another Coracle server uses this data folder (${path} is locked). Stop it, or set CORACLE_DATA_DIR to a folder of its own.`,
      error,
    );
  }
  return () => lock.close();
}
