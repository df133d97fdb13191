import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Api, apiOf } from '../support/api.ts';
import { buildServer } from '../support/built.ts';
import { until } from '../support/until.ts';
import { percentile } from './percentile.ts';

/**
 * What one tenant feels of another that floods the server with everything at once: hundreds of submissions that fork, spin and print, and requests without
 * end. Quiet and loud turns alternate, and their medians are compared, so that a machine that is busy with something else is so in both.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, submissions: { type: 'string', default: '500' }, most: { type: 'string', default: '3' } },
});
const [rounds, submissions, most] = [values.rounds, values.submissions, values.most].map(Number) as [number, number, number];

const HELLOS = 8;
const CALLERS = 4;
const PROGRAMS = [
  'bomb() { bomb | bomb & }; bomb; sleep 20',
  'yes "$(head -c 200 /dev/zero | tr \\\\0 x)"',
  'while :; do :; done',
  'for i in $(seq 20); do sh -c "while :; do :; done" & done; wait',
  'while :; do head -c 1000000 /dev/zero > /workspace/$RANDOM; rm -f /workspace/*; done',
] as const;

await using server = await buildServer();
const [noisy, modest] = [await apiOf(server, 'noisy'), await apiOf(server, 'modest')];
const [quiet, loud]: [number[], number[]] = [[], []];
for (let warmUp = 0; warmUp < 3; warmUp += 1) await hello(modest);
for (let round = 1; round <= rounds; round += 1) {
  quiet.push(...(await hellos()));
  const end = await flood();
  loud.push(...(await hellos()));
  console.log(`round ${round}: ${describe(quiet.slice(-HELLOS))} quiet, ${describe(loud.slice(-HELLOS))} beside the flood, which ${await end()}`);
}
const ratio = percentile(loud, 0.5) / percentile(quiet, 0.5);
console.log(`hello: ${describe(quiet)} quiet, ${describe(loud)} beside the flood: ${ratio.toFixed(2)} times, at most ${most} wanted`);
process.exitCode = ratio <= most ? 0 : 1;

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
async function flood(): Promise<() => Promise<string>> {
  const stopped = new AbortController();
  const ids: string[] = [];
  let refused = 0;
  let calls = 0;
  async function submitAll(): Promise<void> {
    for (let index = 0; index < submissions && !stopped.signal.aborted; index += 1) {
      const code = PROGRAMS[index % PROGRAMS.length];
      const { status, body } = await noisy.call<{ process_id: string }>('POST', '/execute/background', { language: 'bash', code, timeout: 30 });
      if (status === 200) ids.push(body.process_id);
      else refused += 1;
    }
  }
  async function callOn(): Promise<void> {
    for (; !stopped.signal.aborted; calls += 1) await noisy.call('GET', '/execute/processes?limit=50');
  }
  const submitting = submitAll();
  const calling = Array.from({ length: CALLERS }, callOn);
  await until(
    async () => (await noisy.call<{ quota: { queued: { used: number } } }>('GET', '/quota')).body.quota.queued.used > 20,
    'the flood to fill the server',
  );
  return async () => {
    stopped.abort();
    await Promise.all([submitting, ...calling]);
    for (const id of ids.toReversed()) await noisy.kill(id);
    await until(
      async () => (await noisy.call<{ quota: { processes: { used: number } } }>('GET', '/quota')).body.quota.processes.used === 0,
      'the flood to end',
    );
    await sleep(500);
    return `had ${ids.length} accepted, ${refused} refused, ${calls} calls`;
  };
}

function describe(times: readonly number[]): string {
  return `${percentile(times, 0.5).toFixed(0)} ms`;
}
