import { DatabaseSync } from 'node:sqlite';
import { CoracleError } from '../../errors.ts';
import { MIGRATIONS } from './migrations.ts';

/**
 * Opens the store's database and brings its schema up to date. A commit is on disk before its call returns (WAL with synchronous=FULL).
 * Throws when the file is of a later version of Coracle.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5_000 });
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
  migrate(database);
  return database;
}

/** SQLite's result codes for a disk that takes no more, https://sqlite.org/rescode.html: IOERR, FULL. The higher bits say more. */
const NO_ROOM = [10, 13];

/** Runs `work` in one write transaction; what it throws rolls everything back. Throws SERVICE_UNAVAILABLE when the disk takes no more. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  const { errcode } = error as { errcode?: number };
  if (errcode === undefined || !NO_ROOM.includes(errcode & 0xff)) return error;
  return new CoracleError('SERVICE_UNAVAILABLE', "The server's disk is full. Try again later; the operator can make room or lower the retention.", error);
}

function migrate(database: DatabaseSync): void {
  const current = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (current > MIGRATIONS.length)
    throw new Error(`The store is of a later version of Coracle (schema ${current}, this one knows ${MIGRATIONS.length}). Start that version.`);
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < current) continue;
    inTransaction(database, () => database.exec(`${sql}; PRAGMA user_version=${index + 1}`));
  }
}
