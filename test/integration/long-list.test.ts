import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { type Api, apiOf } from '../support/api.ts';
import { newRecord, SOURCE } from '../support/records.ts';
import { openServer } from '../support/server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const RECORDS = 10_000;
const ADDED_PER_SECOND = 100;

async function fill(dataDir: string): Promise<string[]> {
  const database = openDatabase(`${dataDir}/coracle.sqlite`);
  database.exec('PRAGMA synchronous=OFF');
  const store = createSqliteProcessStore(database);
  const ended = { status: 'completed', exitCode: 0, startedAt: Date.now(), endedAt: Date.now(), acceptedAt: Date.now() } as const;
  const ids: string[] = [];
  for (let index = 0; index < RECORDS; index += 1) {
    const record = newRecord(ended);
    await store.insert(record, SOURCE);
    ids.push(record.id);
  }
  database.close();
  return ids;
}

async function walk(api: Api, query: string): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await api.call<{ processes: { process_id: string }[]; next_cursor: string | null }>('GET', `/execute/processes?${query}${cursor}`);
    seen.push(...body.processes.map(({ process_id }) => process_id));
    if (!body.next_cursor) return seen;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

/** Until told to stop; answers what was added. */
function addAlways(api: Api, stop: AbortSignal): Promise<string[]> {
  return (async () => {
    const added: Promise<string>[] = [];
    for (const began = Date.now(); !stop.aborted; await sleep(10)) {
      const due = ((Date.now() - began) / 1000) * ADDED_PER_SECOND;
      while (added.length < due) added.push(api.submit({ language: 'bash', code: 'true', name: 'added' }));
    }
    return Promise.all(added);
  })();
}

it('a walk through 10,000 records shows each exactly once while 100 a second are added', async () => {
  await using folder = await tempFolder();
  const old = await fill(folder.path);
  await using server = await openServer({
    CORACLE_DATA_DIR: folder.path,
    CORACLE_MAX_CONTAINERS: '1',
    CORACLE_MAX_QUEUED: '100000',
    CORACLE_RETENTION_COUNT: '100000',
  });
  const api = await apiOf(server);
  const stop = new AbortController();
  const adding = addAlways(api, stop.signal);
  await sleep(200);
  const walks = [
    await walk(api, 'limit=50&output=none'),
    await walk(api, 'limit=50&output=none&status=completed&language=python'),
    await walk(api, 'limit=50'),
  ];
  stop.abort();
  const added = new Set(await adding);
  for (const seen of walks) {
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => !added.has(id))).toEqual(old.toReversed());
  }
  const forwards = await walk(api, 'output=none&order=asc&limit=1000');
  expect(forwards.slice(0, RECORDS)).toEqual(old);
  expect(new Set(forwards.slice(RECORDS))).toEqual(added);
  expect(added.size).toBeGreaterThan(50);
  console.log(`${added.size} were added during the walks`);
});
