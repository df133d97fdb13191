import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSpool } from '../../src/output/spool.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { createSqliteProcessStore } from '../../src/store/sqlite/process-store.ts';
import { newRecord } from '../support/records.ts';
import { type Caller, textOf } from './caller.ts';
import { percentile } from './percentile.ts';
import { median, ms, type Row, type Section, samplesOf } from './report.ts';
import { openBenchServer } from './servers.ts';

const RECORDS = 10_000;
const FEW_RECORDS = 1_000;
const LINE = Buffer.from('a line of output, as most programs print a few of\n'.repeat(20));
const MIB = 1024 * 1024;

/** Lists and single records among many finished ones, as their client sees them, and what the server needs to know them. */
export const records: Section = {
  name: 'records',
  async run(options) {
    const rest = await memoryWith(0);
    const few = await memoryWith(FEW_RECORDS);
    const dataDir = await mkdtemp(join(tmpdir(), 'coracle-bench-'));
    await fill(dataDir, RECORDS);
    await using server = await openBenchServer('off', { CORACLE_DATA_DIR: dataDir });
    const rows = await timeReads(server.caller, samplesOf(options, 500));
    await rm(dataDir, { recursive: true, force: true });
    const measured = `${(rest / MIB).toFixed(0)} MiB at rest, ${(few / MIB).toFixed(0)} MiB with ${FEW_RECORDS} records`;
    return [...rows, { what: 'memory of the server', measured, goal: '< 120 MiB at rest', values: { rest, few } }];
  },
};

async function timeReads(caller: Caller, requests: number): Promise<Row[]> {
  const timed = async (path: string): Promise<number> => {
    const began = performance.now();
    await textOf(await caller.call('GET', path));
    return performance.now() - began;
  };
  const { processes } = JSON.parse(await textOf(await caller.call('GET', '/execute/processes')));
  const [first, byId]: [number[], number[]] = [[], []];
  for (let request = 0; request < requests; request += 1) {
    first.push(await timed('/execute/processes'));
    byId.push(await timed(`/execute/processes/${processes[request % processes.length].process_id}`));
  }
  const row = (what: string, all: readonly number[], goal: string): Row => {
    const values = { median: median(all), p99: percentile(all, 0.99) };
    return { what, measured: `${ms(values.median)} at the median, ${ms(values.p99)} at the 99th percentile`, goal, values };
  };
  return [row(`first page (100) of ${RECORDS} finished records`, first, '< 50 ms at p99'), row('one of them by id', byId, '')];
}

async function memoryWith(count: number): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'coracle-bench-'));
  try {
    if (count > 0) await fill(dataDir, count);
    await using server = await openBenchServer('off', { CORACLE_DATA_DIR: dataDir });
    for (let page = 0; page < 5; page += 1) await textOf(await server.caller.call('GET', '/execute/processes'));
    return server.rss();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Without syncing: the records are the benchmark's own. */
async function fill(dataDir: string, count: number): Promise<void> {
  const database = openDatabase(join(dataDir, 'coracle.sqlite'));
  database.exec('PRAGMA synchronous=OFF');
  const store = createSqliteProcessStore(database);
  const outputs = await createSpool(join(dataDir, 'output'));
  const now = Date.now();
  for (let index = 0; index < count; index += 1) {
    const ended = { status: 'completed', exitCode: 0, acceptedAt: now, startingAt: now, startedAt: now, endedAt: now } as const;
    const record = newRecord({ ...ended, scope: { tenant: 'bench', sandbox: 'default' } });
    await store.insert(record, { code: 'print(1)', env: {} });
    const writer = await outputs.open(record.id, { keptBytes: record.outputLimit });
    await writer.append([{ stream: 'stdout', data: LINE }]);
    await writer.close();
  }
  database.close();
}
