import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT } from '../../src/version.ts';
import { docker } from '../support/docker.ts';
import { latency } from './latency.ts';
import { rate } from './rate.ts';
import { records } from './records.ts';
import { printTable, type Row } from './report.ts';
import { throughput } from './throughput.ts';

/** npm run bench: everything that README's table of benchmarks says, with real Docker, ratios taken in one run with the two sides in turns. */
const SECTIONS = [latency, rate, throughput, records];
const USAGE = `npm run bench -- [--quick] [--only ${SECTIONS.map(({ name }) => name).join(',')}] [--json FILE]`;

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, json: { type: 'string' } } });
const only = values.only?.split(',') ?? SECTIONS.map(({ name }) => name);
const unknown = only.filter((name) => !SECTIONS.some((section) => section.name === name));
if (unknown.length > 0) throw new Error(`there is no section ${unknown.join(', ')}. ${USAGE}`);

const say = (line: string) => void process.stderr.write(`${line}\n`);
const rows: Row[] = [];
for (const section of SECTIONS.filter(({ name }) => only.includes(name))) rows.push(...(await section.run({ share: values.quick ? 0.1 : 1, say })));

const info = await docker.info();
const machine = {
  cpus: cpus().length,
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  engine: info.ServerVersion,
  storage: info.Driver,
  cgroup: info.CgroupVersion ?? '1',
  kernel: info.KernelVersion,
};
const path = values.json ?? join(PROJECT_ROOT, '.build', 'bench.json');
await mkdir(dirname(path), { recursive: true });
await writeFile(path, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
process.stdout.write(`${printTable(rows)}\n\n${JSON.stringify(machine)}\n`);
process.exit(0);
