import type { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { commit } from '../../../../src/store/sqlite/commit.ts';
import { testDatabase } from '../../../support/sqlite.ts';

const names = (database: DatabaseSync) =>
  database
    .prepare('SELECT name FROM sandboxes ORDER BY name')
    .all()
    .map(({ name }) => name);

function insert(database: DatabaseSync, name: string): string {
  database.prepare("INSERT INTO sandboxes (id, tenant, name, uid, created_at) VALUES (?, 'acme', ?, unicode(?), 0)").run(name, name, name);
  return name;
}

it('what is asked for together is committed at once, and is on disk when it resolves', async () => {
  await using test = await testDatabase();
  const { database } = test;
  const other = test.openAgain();
  const seen: unknown[] = [];
  const those = ['a', 'b', 'c'].map((name) =>
    commit(database, () => {
      seen.push([names(database), names(other)]);
      return insert(database, name);
    }),
  );
  expect([names(other), seen]).toEqual([[], []]);
  expect(await Promise.race(those)).toBe('a');
  expect(names(other)).toEqual(['a', 'b', 'c']);
  expect(await Promise.all(those)).toEqual(['a', 'b', 'c']);
  expect(seen).toEqual([
    [[], []],
    [['a'], []],
    [['a', 'b'], []],
  ]);
});

it('one that fails leaves nothing, and takes no other with it', async () => {
  await using test = await testDatabase();
  const { database } = test;
  const failing = commit(database, () => {
    insert(database, 'half');
    throw new Error('no');
  });
  const settled = await Promise.allSettled([
    commit(database, () => insert(database, 'a')),
    failing,
    commit(database, () => insert(database, 'a')),
    commit(database, () => insert(database, 'b')),
  ]);
  expect(settled).toEqual([
    { status: 'fulfilled', value: 'a' },
    { status: 'rejected', reason: new Error('no') },
    { status: 'rejected', reason: expect.objectContaining({ code: 'ERR_SQLITE_ERROR' }) },
    { status: 'fulfilled', value: 'b' },
  ]);
  expect(names(test.openAgain())).toEqual(['a', 'b']);
  expect(await commit(database, () => insert(database, 'c'))).toBe('c');
});

it('where there is no room for all, those that fit are kept', async () => {
  await using test = await testDatabase();
  const { database } = test;
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
  database.exec(`PRAGMA max_page_count=${pages}`);
  const large = () => database.prepare("INSERT INTO sandboxes (id, tenant, name, uid, created_at) VALUES ('x', 'acme', ?, 1, 0)").run('x'.repeat(100_000));
  const settled = await Promise.allSettled([
    commit(database, () => insert(database, 'a')),
    commit(database, large),
    commit(database, () => insert(database, 'b')),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(settled[1]).toMatchObject({ reason: { code: 'SERVICE_UNAVAILABLE' } });
  expect(names(test.openAgain())).toEqual(['a', 'b']);
});
