import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { tempFolder } from './temp-folder.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly path: string;
  readonly database: DatabaseSync;
  /** Another connection to the same file, closed with the first. */
  openAgain(): DatabaseSync;
}

/** A store's database in a folder of its own. */
export async function testDatabase(): Promise<TestDatabase> {
  const folder = await tempFolder();
  const path = join(folder.path, 'coracle.sqlite');
  const open = [openDatabase(path)] as [DatabaseSync, ...DatabaseSync[]];
  return {
    path,
    database: open[0],
    openAgain() {
      const another = openDatabase(path);
      open.push(another);
      return another;
    },
    async [Symbol.asyncDispose]() {
      for (const database of open) database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
