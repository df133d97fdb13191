import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createFloor, type Floor } from './floor.ts';
import { percentile } from './percentile.ts';
import { median, ms, pairedRatio, type Row, type Section, samplesOf, times } from './report.ts';
import { type BenchServer, MOST_CLIENTS, mostMemory, openBenchServer } from './servers.ts';
import type { Visit } from './visitor.ts';
import { canWeigh, cpuGroup } from './weight.ts';

const PROGRAM = { language: 'bash', code: 'echo hi' };
const A_ROUND = 40;
const BURST = 100;
const MIB = 1024 * 1024;

/** How many processes a second, and how fast a burst is done, against the same sequence of calls straight on the engine, in turns. */
export const rate: Section = {
  name: 'rate',
  async run(options) {
    await using warm = await openBenchServer('on');
    await using cold = await openBenchServer('off');
    await using floor = await createFloor();
    const sides = { floor: () => floorRound(floor, A_ROUND), off: () => serverRound(cold), on: () => serverRound(warm) };
    const rates: Record<keyof typeof sides, number[]> = { floor: [], off: [], on: [] };
    const replies: number[] = [];
    let most = 0;
    for (let round = 0; round < samplesOf(options, 5); round += 1) {
      for (const side of Object.keys(sides) as (keyof typeof sides)[]) {
        const { result, most: memory } = await mostMemory(warm, sides[side]);
        rates[side].push(A_ROUND / (result.tookMs / 1000));
        most = Math.max(most, memory);
        replies.push(...result.replies);
      }
      options.say(`rate: round ${round + 1} done`);
    }
    const burst = await burstRow({ cold, floor }, samplesOf(options, 3));
    return [...sustainedRows(rates, most), burst, replyRow(await visits([cold, warm], samplesOf(options, 5)), replies)];
  },
};

interface Round {
  readonly tookMs: number;
  readonly replies: readonly number[];
}

async function timed(clients: number, jobs: number, one: () => Promise<number | undefined>): Promise<Round> {
  const began = performance.now();
  const seen: number[] = [];
  let left = jobs;
  async function client(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const reply = await one();
      if (reply !== undefined) seen.push(reply);
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  return { tookMs: performance.now() - began, replies: seen };
}

const floorRound = (floor: Floor, jobs: number) => timed(MOST_CLIENTS, jobs, async () => void (await floor.run(PROGRAM.language, PROGRAM.code)));
const serverRound = ({ caller }: BenchServer) => timed(MOST_CLIENTS, A_ROUND, async () => (await caller.run(PROGRAM)).reply);

function sustainedRows(rates: Readonly<Record<'floor' | 'off' | 'on', number[]>>, most: number): Row[] {
  const ratio = { off: pairedRatio(rates.off, rates.floor), on: pairedRatio(rates.on, rates.floor) };
  const measured = `${median(rates.off).toFixed(1)} a second without the pool (${times(ratio.off)} the engine's own ${median(rates.floor).toFixed(1)}), ${median(rates.on).toFixed(1)} with it (${times(ratio.on)}); server at most ${(most / MIB).toFixed(0)} MiB`;
  return [{ what: `sustained rate, ${MOST_CLIENTS} clients`, measured, goal: '≥ 0.95 × the engine', values: { ...ratio, mostMemory: most } }];
}

/** What README advises for a server on a machine whose CPUs are all taken. */
const WEIGHT = 10;

interface Visits {
  /** As a service like any other. */
  readonly plain: number[];
  /** With WEIGHT times another's part of the CPUs; none where that cannot be set. */
  readonly weighty: number[];
}

/** How long one more client waits for each reply, while the eight keep a server busy. */
async function visits(servers: readonly BenchServer[], rounds: number): Promise<Visits> {
  const seen: Visits = { plain: [], weighty: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      if (canWeigh()) server.weigh(1);
      seen.plain.push(...(await visit(server)));
      if (!canWeigh()) continue;
      server.weigh(WEIGHT);
      seen.weighty.push(...(await visit(server)));
    }
  }
  return seen;
}

/** The visitor stands for one on another machine: it does not wait for this one's CPUs. */
async function visit(server: BenchServer): Promise<number[]> {
  const visitor = fork(join(import.meta.dirname, 'visitor.ts'));
  const gone = once(visitor, 'close');
  const group = canWeigh() ? cpuGroup(visitor.pid as number) : undefined;
  group?.weigh(2 * WEIGHT);
  visitor.send({ server: { url: server.reached.url, jwtSecret: server.reached.jwtSecret }, program: PROGRAM } satisfies Visit);
  await serverRound(server);
  const told = once(visitor, 'message');
  if (visitor.connected) visitor.send('stop');
  const first = await Promise.race([told, gone.then(() => undefined)]);
  await gone;
  group?.remove();
  if (!first) throw new Error('the one more client has ended early; what it says of that stands above');
  return first[0] as number[];
}

function replyRow({ plain, weighty }: Visits, ofTheEight: readonly number[]): Row {
  const both = (all: readonly number[]) => `${ms(median(all))} at the median, ${ms(percentile(all, 0.99))} at the 99th percentile`;
  const preferred = weighty.length > 0 ? `${both(weighty)} where the server has ${WEIGHT} times another service's part of the CPUs; ` : '';
  const measured = `${preferred}${both(plain)} as a service like any other; of the eight, who come when one of theirs ends, ${both(ofTheEight)}`;
  const values = {
    median: median(plain),
    p99: percentile(plain, 0.99),
    ...(weighty.length > 0 ? { weightyMedian: median(weighty), weightyP99: percentile(weighty, 0.99) } : {}),
    ofTheEightMedian: median(ofTheEight),
    ofTheEightP99: percentile(ofTheEight, 0.99),
  };
  return { what: `POST to reply of one more client beside ${MOST_CLIENTS}`, measured, goal: '≤ 5 ms, ≤ 25 ms', values };
}

async function burstRow({ cold, floor }: { cold: BenchServer; floor: Floor }, rounds: number): Promise<Row> {
  const [accepted, ours, engines]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const all = await Promise.all(Array.from({ length: BURST }, () => cold.caller.run(PROGRAM)));
    ours.push(performance.now() - began);
    accepted.push(Math.max(...all.map(({ reply }) => reply)));
    engines.push((await timed(2 * MOST_CLIENTS, BURST, async () => void (await floor.run(PROGRAM.language, PROGRAM.code)))).tookMs);
  }
  const ratio = pairedRatio(ours, engines);
  const measured = `all accepted after ${ms(median(accepted))}, the last ended after ${(median(ours) / 1000).toFixed(1)} s: ${times(ratio)} the engine`;
  return { what: `a burst of ${BURST}`, measured, goal: '≤ 1,000 ms; ≤ 1.1 ×', values: { accepted: median(accepted), ratio } };
}
