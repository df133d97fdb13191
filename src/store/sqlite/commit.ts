import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const groups = new WeakMap<DatabaseSync, Waiting[]>();

/**
 * Runs `work` in a write transaction once this turn of the event loop is over, together with whatever else is asked for until then: one wait for the disk
 * serves them all. Resolves with its answer when that is on disk; rejects with what it throws, or with SERVICE_UNAVAILABLE when the disk takes no more, and
 * nothing of it is kept then, while the others are. It may be run, undone and run again, so it must do nothing but read and write the database.
 */
export function commit<T>(database: DatabaseSync, work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiting: Waiting = { work, resolve: (answer) => resolve(answer as T), reject };
    const group = groups.get(database);
    if (group) return void group.push(waiting);
    const opened = [waiting];
    groups.set(database, opened);
    setImmediate(() => {
      groups.delete(database);
      if (!commitTogether(database, opened)) for (const one of opened) commitAlone(database, one);
    });
  });
}

/** False when any of them fails, and then everything is as before. */
function commitTogether(database: DatabaseSync, group: readonly Waiting[]): boolean {
  if (group.length === 1) return false;
  try {
    const answers = inTransaction(database, () => group.map(({ work }) => work()));
    for (const [at, { resolve }] of group.entries()) resolve(answers[at]);
    return true;
  } catch {
    return false;
  }
}

function commitAlone(database: DatabaseSync, { work, resolve, reject }: Waiting): void {
  try {
    resolve(inTransaction(database, work));
  } catch (error) {
    reject(error);
  }
}
