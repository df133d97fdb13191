import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSpool } from '../../src/output/spool.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { apiOf } from '../support/api.ts';
import { newRecord } from '../support/records.ts';
import { openServer } from '../support/server.ts';
import { percentile } from './percentile.ts';

/** The first page of a list with many finished records, over HTTP, as its client sees it. */
const RECORDS = 10_000;
const REQUESTS = 500;
const LINE = Buffer.from('a line of output, as most programs print a few of\n'.repeat(20));

const dataDir = await mkdtemp(join(tmpdir(), 'coracle-bench-'));
await fill();
const server = await openServer({ CORACLE_DATA_DIR: dataDir });
const api = await apiOf(server);
const [first, byId]: [number[], number[]] = [[], []];
const { body } = await api.call<{ processes: { process_id: string }[]; count: number }>('GET', '/execute/processes');
for (let request = 0; request < REQUESTS; request += 1) {
  first.push(await timed(() => api.call('GET', '/execute/processes')));
  byId.push(await timed(() => api.get(body.processes[request % body.count]?.process_id ?? '')));
}
console.log(`${RECORDS} finished records, ${REQUESTS} requests, ${body.count} records a page, ${LINE.length} bytes of output each`);
for (const [what, times] of [
  ['first page', first],
  ['one by id', byId],
] as const) {
  console.log(`${what}: ${percentile(times, 0.5).toFixed(1)} ms at the median, ${percentile(times, 0.99).toFixed(1)} ms at the 99th percentile`);
}
await server[Symbol.asyncDispose]();
await rm(dataDir, { recursive: true, force: true });
process.exit(0);

async function fill(): Promise<void> {
  const database = openDatabase(join(dataDir, 'coracle.sqlite'));
  database.exec('PRAGMA synchronous=OFF');
  const store = createSqliteProcessStore(database);
  const outputs = await createSpool(join(dataDir, 'output'));
  for (let index = 0; index < RECORDS; index += 1) {
    const ended = { status: 'completed', exitCode: 0, startingAt: Date.now(), startedAt: Date.now(), endedAt: Date.now() } as const;
    const record = newRecord({ ...ended, acceptedAt: Date.now() });
    await store.insert(record, { code: 'print(1)', env: {} });
    const writer = await outputs.open(record.id, { keptBytes: record.outputLimit });
    await writer.append([{ stream: 'stdout', data: LINE }]);
    await writer.close();
  }
  database.close();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
