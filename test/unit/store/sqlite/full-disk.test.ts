import { expect, it } from 'vitest';
import { NOTHING_RAN } from '../../../../src/process/process-store.ts';
import { createSqliteProcessStore } from '../../../../src/store/sqlite/process-store.ts';
import { newRecord, SCOPE, SOURCE } from '../../../support/records.ts';
import { testDatabase } from '../../../support/sqlite.ts';

it('a store that is full refuses a process in words for the caller, keeps nothing of it, and takes it when there is room', async () => {
  await using test = await testDatabase();
  const store = createSqliteProcessStore(test.database);
  const pages = Number(test.database.prepare('PRAGMA page_count').get()?.['page_count']);
  test.database.exec(`PRAGMA max_page_count=${pages}`);
  const record = newRecord();
  const large = { ...SOURCE, code: 'x'.repeat(100_000) };
  await expect(store.insert(record, large)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringMatching(/full.*\.$/) });
  expect(await store.find(SCOPE, record.id)).toBeUndefined();
  test.database.exec('PRAGMA max_page_count=1073741823');
  await store.insert(record, large);
  expect(await store.find(SCOPE, record.id)).toEqual(record);
});

it.each([
  { what: 'that a process has ended', change: { to: 'failed', ...NOTHING_RAN, endedAt: 5, failure: { kind: 'start', message: 'x'.repeat(100_000) } } as const },
  { what: 'that a process runs', change: { to: 'running', startingAt: 4, startedAt: 5, containerId: 'x'.repeat(100_000) } as const },
])('a store that is full refuses to record $what in words for the caller, and changes nothing', async ({ change }) => {
  await using test = await testDatabase();
  const store = createSqliteProcessStore(test.database);
  const record = newRecord();
  await store.insert(record, SOURCE);
  const pages = Number(test.database.prepare('PRAGMA page_count').get()?.['page_count']);
  test.database.exec(`PRAGMA max_page_count=${pages}`);
  await expect(store.transition(record.id, change)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(await store.find(SCOPE, record.id)).toEqual(record);
});
