import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { inTransaction, openDatabase } from '../../../../src/store/sqlite/database.ts';
import { MIGRATIONS } from '../../../../src/store/sqlite/migrations.ts';
import { createSqliteProcessStore } from '../../../../src/store/sqlite/process-store.ts';
import { createSqliteSandboxStore } from '../../../../src/store/sqlite/sandbox-store.ts';
import { newRecord, SOURCE } from '../../../support/records.ts';
import { testDatabase } from '../../../support/sqlite.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const pragma = (database: DatabaseSync, name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
const settings = (database: DatabaseSync) => ['journal_mode', 'synchronous', 'foreign_keys', 'user_version'].map((name) => pragma(database, name));

describe('opening a store', () => {
  it('makes a commit wait for the disk, and holds references', async () => {
    await using test = await testDatabase();
    const FULL = 2;
    for (const database of [test.database, test.openAgain()]) expect(settings(database)).toEqual(['wal', FULL, 1, MIGRATIONS.length]);
  });

  it('keeps what is in it', async () => {
    await using test = await testDatabase();
    const record = newRecord();
    await createSqliteProcessStore(test.database).insert(record, SOURCE);
    const again = test.openAgain();
    expect(await createSqliteProcessStore(again).load(record.id)).toEqual({ record, source: SOURCE });
  });

  it('refuses a store of a later version and leaves it as it is', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'coracle.sqlite');
    const later = MIGRATIONS.length + 1;
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE of_tomorrow (x); PRAGMA user_version=${later}`);
    expect(() => openDatabase(path)).toThrow(`schema ${later}, this one knows ${MIGRATIONS.length}). Start that version.`);
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'of_tomorrow' }]);
    expect(pragma(database, 'user_version')).toBe(later);
    database.close();
  });

  it('does not take a file for a store that is none', async () => {
    await using folder = await tempFolder();
    expect(() => openDatabase(join(folder.path, 'missing', 'coracle.sqlite'))).toThrow();
    expect(() => openDatabase(folder.path)).toThrow();
  });
});

describe('a transaction', () => {
  const count = (database: DatabaseSync) => database.prepare('SELECT count(*) AS n FROM sandboxes').get()?.['n'];
  const insert = (database: DatabaseSync, key: string) =>
    database.prepare("INSERT INTO sandboxes (id, tenant, name, uid, created_at) VALUES (?, ?, 'x', ?, 0)").run(key, key, Number(key.slice(5)));

  it('is whole or not at all', async () => {
    await using test = await testDatabase();
    const { database } = test;
    expect(inTransaction(database, () => insert(database, 'test-1').changes)).toBe(1);
    const failing = () =>
      inTransaction(database, () => {
        insert(database, 'test-2');
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect([count(database), count(test.openAgain())]).toEqual([1, 1]);
  });

  it('can follow one that failed', async () => {
    await using test = await testDatabase();
    const { database } = test;
    for (const key of ['test-1', 'test-1', 'test-2']) {
      try {
        inTransaction(database, () => insert(database, key));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_SQLITE_ERROR' });
      }
    }
    expect(count(database)).toBe(2);
  });
});

it('the user id of a sandbox that is gone is handed out again, the lowest first', async () => {
  await using test = await testDatabase();
  const store = createSqliteSandboxStore(test.database);
  const uids = [];
  for (const sandbox of ['a', 'b', 'c']) uids.push((await store.ensure({ tenant: 'acme', sandbox })).uid);
  expect(uids).toEqual([20_000, 20_001, 20_002]);
  test.database.exec("DELETE FROM sandboxes WHERE name = 'b'");
  expect((await store.ensure({ tenant: 'acme', sandbox: 'd' })).uid).toBe(20_001);
  expect((await store.ensure({ tenant: 'acme', sandbox: 'e' })).uid).toBe(20_003);
});
