import { setTimeout as sleep } from 'node:timers/promises';
import type { Timing } from './caller.ts';
import { createFloor, type Floor } from './floor.ts';
import { bareInterpreter, dockerRun } from './host.ts';
import { percentile } from './percentile.ts';
import { median, ms, pairedRatio, type Row, type Section, type SectionOptions, samplesOf, times } from './report.ts';
import { type BenchServer, openBenchServer, REFILL_MS, warmUp } from './servers.ts';

const PROGRAMS = {
  python: 'print("hi")',
  javascript: 'console.log("hi")',
  bash: 'echo hi',
  go: 'package main\nimport "fmt"\nfunc main() { fmt.Println("hi") }',
} as const;
type Language = keyof typeof PROGRAMS;

const programOf = (language: Language) => ({ language, code: PROGRAMS[language] });

/** From the POST to the reply, to the first byte of output, and to the end, by language and number of clients, each round with and without the pool. */
export const latency: Section = {
  name: 'latency',
  async run(options) {
    await using warm = await openBenchServer('on');
    await using cold = await openBenchServer('off');
    await using floor = await createFloor();
    const rows: Row[] = [await pythonRow({ warm, cold, floor }, options)];
    for (const language of Object.keys(PROGRAMS) as Language[]) {
      for (const clients of [1, 4, 8]) rows.push(await clientsRow({ warm, cold }, { language, clients, rounds: samplesOf(options, clients === 1 ? 15 : 5) }));
      options.say(`latency: ${language} done`);
    }
    return rows;
  },
};

/** One client, python, against everything else that can run it. */
async function pythonRow({ warm, cold, floor }: { warm: BenchServer; cold: BenchServer; floor: Floor }, options: SectionOptions): Promise<Row> {
  await using bare = await bareInterpreter('python');
  const program = programOf('python');
  const measured: Record<string, number[]> = { bare: [], warm: [], reply: [], warmEnd: [], cold: [], coldEnd: [], floor: [], docker: [] };
  const add = (name: string, value: number) => measured[name]?.push(value);
  await warmUp(warm, program, 1);
  await cold.caller.run(program);
  const sides = [
    async () => add('bare', (await bare.run('/usr/bin/python3', '-u', '-c', PROGRAMS.python)).firstByte),
    async () => {
      const { firstByte, terminal, reply } = await warm.caller.run(program);
      add('warm', firstByte);
      add('warmEnd', terminal);
      add('reply', reply);
    },
    async () => {
      const { firstByte, terminal } = await cold.caller.run(program);
      add('cold', firstByte);
      add('coldEnd', terminal);
    },
    async () => add('floor', (await floor.run('python', PROGRAMS.python)).terminal),
    async () => add('docker', (await dockerRun('python', '/usr/bin/python3', '-u', '-c', PROGRAMS.python)).firstByte),
  ];
  for (let round = 0; round < samplesOf(options, 40); round += 1) {
    for (const side of sides) {
      await side();
      // What a side does after its end, a removal or a refill, is not to be found in the time of the next one.
      await sleep(REFILL_MS);
    }
  }
  const of = (name: string) => measured[name] ?? [];
  const values = {
    warmToBare: pairedRatio(of('warm'), of('bare')),
    warmToCold: pairedRatio(of('warm'), of('cold')),
    coldToFloor: pairedRatio(of('coldEnd'), of('floor')),
    ...Object.fromEntries(Object.entries(measured).map(([name, all]) => [name, median(all)])),
  };
  const first = `first byte ${ms(median(of('warm')))} warm, ${ms(median(of('cold')))} cold; the bare interpreter ${ms(median(of('bare')))}, \`docker run\` ${ms(median(of('docker')))}`;
  const ratios = `warm is ${times(values.warmToBare)} bare and ${times(values.warmToCold)} cold; cold to its end is ${times(values.coldToFloor)} the engine's own ${ms(median(of('floor')))}`;
  return { what: '`print("hi")` in python, one client', measured: `${first}; ${ratios}`, goal: '≤ 1.5 × bare, ≤ 0.125 × cold; ≤ 1.10 × the engine', values };
}

interface Measure {
  readonly language: Language;
  readonly clients: number;
  readonly rounds: number;
}

async function clientsRow(servers: Record<'warm' | 'cold', BenchServer>, { language, clients, rounds }: Measure): Promise<Row> {
  const program = programOf(language);
  await warmUp(servers.warm, program, clients);
  const timings: Record<'warm' | 'cold', Timing[]> = { warm: [], cold: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const side of ['warm', 'cold'] as const)
      timings[side].push(...(await Promise.all(Array.from({ length: clients }, () => servers[side].caller.run(program)))));
    await sleep(REFILL_MS * clients);
  }
  const of = (side: 'warm' | 'cold', what: keyof Timing) => timings[side].map((timing) => timing[what]);
  const show = (side: 'warm' | 'cold') =>
    `${side} ${(['reply', 'firstByte', 'terminal'] as const).map((what) => ms(median(of(side, what)))).join(' / ')} (p99 ${ms(percentile(of(side, 'terminal'), 0.99))})`;
  const values = Object.fromEntries(
    (['warm', 'cold'] as const).flatMap((side) => (['reply', 'firstByte', 'terminal'] as const).map((what) => [`${side} ${what}`, median(of(side, what))])),
  );
  return { what: `${language}, ${clients} client${clients === 1 ? '' : 's'}: reply / first byte / end`, measured: `${show('warm')}; ${show('cold')}`, values };
}
