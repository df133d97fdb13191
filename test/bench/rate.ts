import { setTimeout as sleep } from 'node:timers/promises';
import { type Caller, textOf } from './caller.ts';
import { createFloor, type Floor } from './floor.ts';
import { percentile } from './percentile.ts';
import { median, ms, pairedRatio, type Row, type Section, samplesOf, times } from './report.ts';
import { type BenchServer, MOST_CLIENTS, mostMemory, openBenchServer } from './servers.ts';

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
    const beside = await visits([cold, warm], samplesOf(options, 5));
    return [...sustainedRows(rates, most), replyRow(beside, replies), await burstRow({ cold, floor }, samplesOf(options, 3))];
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

/** Between the submissions of a client that comes beside the others, in milliseconds: at its own moments, not at those at which something ends. */
const PAUSE_MS = { least: 100, most: 300 };

/** How long one more client waits for each reply, while the eight keep a server busy. */
async function visits(servers: readonly BenchServer[], rounds: number): Promise<number[]> {
  const replies: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      const over = new AbortController();
      const visiting = visit(server.caller, { replies, signal: over.signal });
      await serverRound(server);
      over.abort();
      await visiting;
    }
  }
  return replies;
}

async function visit({ call }: Caller, { replies, signal }: { replies: number[]; signal: AbortSignal }): Promise<void> {
  for (;;) {
    await sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
    if (signal.aborted) return;
    const began = performance.now();
    await textOf(await call('POST', '/execute/background', PROGRAM));
    replies.push(performance.now() - began);
  }
}

function replyRow(replies: readonly number[], ofTheEight: readonly number[]): Row {
  const values = { median: median(replies), p99: percentile(replies, 0.99), ofTheEightMedian: median(ofTheEight), ofTheEightP99: percentile(ofTheEight, 0.99) };
  const theirs = `${ms(values.ofTheEightMedian)} and ${ms(values.ofTheEightP99)}`;
  const measured = `${ms(values.median)} at the median, ${ms(values.p99)} at the 99th percentile; of the eight, who come when one of theirs ends, ${theirs}`;
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
