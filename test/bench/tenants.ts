import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Api, apiOf } from '../support/api.ts';
import { buildServer } from '../support/built.ts';
import { until } from '../support/until.ts';
import { percentile } from './percentile.ts';

/**
 * What one tenant feels of another that floods the server with everything at once: hundreds of submissions, and requests without end. Quiet and loud turns
 * alternate, and their medians are compared, so that a machine that is busy with something else is so in both.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, submissions: { type: 'string', default: '500' }, most: { type: 'string', default: '3' } },
});
const [rounds, submissions, most] = [values.rounds, values.submissions, values.most].map(Number) as [number, number, number];

const HELLOS = 12;
const AT_ONCE = 4;
const LIST = '/execute/processes?limit=50';

interface Flood {
  readonly programs: readonly string[];
  /** Asked for without end. */
  readonly path: string;
}

const FLOODS: Readonly<Record<string, Flood>> = {
  'programs that fork, spin, print and write': {
    programs: [
      'bomb() { bomb | bomb & }; bomb; sleep 20',
      'yes "$(head -c 200 /dev/zero | tr \\\\0 x)"',
      'while :; do :; done',
      'for i in $(seq 20); do sh -c "while :; do :; done" & done; wait',
      'while :; do head -c 1000000 /dev/zero > /workspace/$RANDOM; rm -f /workspace/*; done',
    ],
    path: LIST,
  },
  'programs that end at once': { programs: ['true'], path: LIST },
  'calls on files': { programs: ['sleep 20'], path: '/files/list?path=/workspace' },
};

await using server = await buildServer();
const [noisy, modest] = [await apiOf(server, 'noisy'), await apiOf(server, 'modest')];
for (let warmUp = 0; warmUp < 3; warmUp += 1) await hello(modest);
for (const [name, flood] of Object.entries(FLOODS)) {
  const ratio = await measure(name, flood);
  if (ratio > most) process.exitCode = 1;
}

async function measure(name: string, flood: Flood): Promise<number> {
  const [quiet, loud]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    quiet.push(...(await hellos()));
    const end = await start(flood);
    loud.push(...(await hellos()));
    console.log(`  ${describe(quiet.slice(-HELLOS))} quiet, ${describe(loud.slice(-HELLOS))} beside the flood, which ${await end()}`);
  }
  const ratio = percentile(loud, 0.5) / percentile(quiet, 0.5);
  console.log(`${name}: hello takes ${describe(quiet)} quiet, ${describe(loud)} beside them: ${ratio.toFixed(2)} times, at most ${most} wanted`);
  return ratio;
}

async function hello(api: Api): Promise<number> {
  const began = performance.now();
  await api.run({ language: 'bash', code: 'echo hello' });
  return performance.now() - began;
}

async function hellos(): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < HELLOS; index += 1) times.push(await hello(modest));
  return times;
}

/** Answers how to end it, which says what it did. */
async function start({ programs, path }: Flood): Promise<() => Promise<string>> {
  const stopped = new AbortController();
  const ids: string[] = [];
  const told = { refused: 0, calls: 0 };
  let next = 0;
  async function submitAll(): Promise<void> {
    for (let index = next++; index < submissions && !stopped.signal.aborted; index = next++) {
      const code = programs[index % programs.length];
      const { status, body } = await noisy.call<{ process_id: string }>('POST', '/execute/background', { language: 'bash', code, timeout: 30 });
      if (status === 200) ids.push(body.process_id);
      else told.refused += 1;
    }
  }
  async function callOn(): Promise<void> {
    for (; !stopped.signal.aborted; told.calls += 1) await noisy.call('GET', path);
  }
  const work = Array.from({ length: AT_ONCE }, () => [submitAll(), callOn()]).flat();
  await until(async () => (await used('queued')) > 20, 'the flood to fill the server');
  return async () => {
    stopped.abort();
    await Promise.all(work);
    for (const id of ids.toReversed()) await noisy.kill(id);
    await until(async () => (await used('processes')) === 0, 'the flood to end');
    await sleep(500);
    return `had ${ids.length} accepted, ${told.refused} refused, ${told.calls} calls`;
  };
}

async function used(what: 'queued' | 'processes'): Promise<number> {
  return (await noisy.call<{ quota: Record<string, { used: number }> }>('GET', '/quota')).body.quota[what]?.used ?? 0;
}

function describe(times: readonly number[]): string {
  return `${percentile(times, 0.5).toFixed(0)} ms`;
}
