import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Api, apiOf } from '../support/api.ts';
import { buildServer } from '../support/built.ts';
import { docker } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { percentile } from './percentile.ts';

/** What ten processes that print without end cost the server, the engine and another tenant. Needs root on the engine's host, for the size of its folder. */
const FLOODS = 10;
const MIB = 1024 * 1024;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);

await using server = await buildServer({ CORACLE_MAX_CONTAINERS: String(FLOODS + 2) });
const quiet = await apiOf(server, 'quiet');
// Each a tenant's own, as one tenant gets no more than half of the containers beside another.
const noisy = await Promise.all(Array.from({ length: FLOODS }, (_, index) => apiOf(server, `noisy-${index}`)));
const { DockerRootDir } = await docker.info();

for (let warmUp = 0; warmUp < 3; warmUp += 1) await hello(quiet);
const alone = await helloFor(5);
const before = { rss: rss(), logs: logBytes(), cpu: cpuSeconds() };
const ids = await Promise.all(noisy.map((api) => api.submit({ language: 'bash', code: 'yes "$(head -c 200 /dev/zero | tr \\\\0 x)"', timeout: 3_600 })));
for (const [index, id] of ids.entries()) await until(async () => (await droppedBytes(noisy[index] ?? quiet, id)) > 0, 'a flood to be over its limit');
const begin = { at: Date.now(), cpu: cpuSeconds() };
let most = rss();
const atBegin = most;
const watch = setInterval(() => (most = Math.max(most, rss())), 250);
const beside = await helloFor(seconds);
clearInterval(watch);
const took = (Date.now() - begin.at) / 1000;
const cpu = cpuSeconds();

console.log(`${FLOODS} floods for ${took.toFixed(0)} s`);
console.log(
  `server: RSS ${(before.rss / MIB).toFixed(0)} MiB before, ${(atBegin / MIB).toFixed(0)} MiB when all are over their limit, at most ${(most / MIB).toFixed(0)} MiB; ${share(cpu.server - begin.cpu.server)} of a CPU`,
);
console.log(`engine: ${share(cpu.engine - begin.cpu.engine)} of a CPU; its logs grew by ${((logBytes() - before.logs) / MIB).toFixed(0)} MiB`);
console.log(
  `hello of another tenant: ${describe(alone)} alone, ${describe(beside)} beside the floods (${(percentile(beside, 0.5) / percentile(alone, 0.5)).toFixed(1)} times)`,
);
const began = performance.now();
const answers = await Promise.all(ids.map((id, index) => (noisy[index] ?? quiet).kill(id)));
console.log(`kill of all: ${answers.filter(({ status }) => status === 200).length} of ${FLOODS} after ${((performance.now() - began) / 1000).toFixed(1)} s`);

/** The cheapest question that tells. */
async function droppedBytes(api: Api, id: string): Promise<number> {
  await sleep(200);
  return (await api.call<{ dropped_bytes: number }>('GET', `/execute/processes/${id}/output?offset=-1&limit=1`)).body.dropped_bytes;
}

async function hello(api: Api): Promise<number> {
  const began = performance.now();
  await api.run({ language: 'bash', code: 'echo hello' });
  return performance.now() - began;
}

async function helloFor(howLong: number): Promise<number[]> {
  const times: number[] = [];
  for (const end = Date.now() + howLong * 1000; Date.now() < end; await sleep(100)) times.push(await hello(quiet));
  return times;
}

function share(cpuTime: number): string {
  return `${Math.round((cpuTime / took) * 100)} %`;
}

function describe(times: readonly number[]): string {
  return `${percentile(times, 0.5).toFixed(0)} ms at the median, ${percentile(times, 0.9).toFixed(0)} ms at the 90th percentile`;
}

function rss(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid()}/status`, 'utf8'))?.[1]) * 1024;
}

function logBytes(): number {
  return Number(execFileSync('du', ['-sb', join(DockerRootDir, 'containers')], { encoding: 'utf8' }).split('\t')[0]);
}

function cpuSeconds() {
  const engine = Number(readFileSync('/var/run/docker.pid', 'utf8'));
  return { server: cpuOf(server.pid()), engine: cpuOf(engine) };
}

/** User and system time, in seconds; the kernel counts in hundredths. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
