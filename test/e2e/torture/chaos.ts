import { setTimeout as sleep } from 'node:timers/promises';
import type { PrivateEngine } from '../../support/private-engine.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import type { SmallDisk } from '../../support/small-disk.ts';
import type { ServerKeeper } from './server-keeper.ts';
import type { Spells } from './spells.ts';

/** Where the faults strike. */
export interface Place {
  readonly server: ServerKeeper;
  readonly engine: PrivateEngine;
  readonly disk: SmallDisk;
  /** Where it is written down when what was away. */
  readonly away: Readonly<Record<'engine' | 'crash' | 'disk', Spells>>;
  /** Some process whose record says that it runs, if there is one, as a means to remove its container behind the server's back. */
  readonly findRunning: (random: Random) => Promise<(() => Promise<void>) | undefined>;
}

export interface Fault {
  readonly what: 'server killed' | 'engine stopped' | 'engine killed' | 'container removed' | 'disk filled';
  readonly atMs: number;
  /** How long it lasts. */
  readonly forMs: number;
  /** The server is killed in the same moment. */
  readonly withServer: boolean;
}

interface Rhythm {
  readonly whats: readonly [Fault['what'], ...Fault['what'][]];
  /** Seconds from one to the next, and from the beginning to the first. */
  readonly every: readonly [number, number];
  readonly first: readonly [number, number];
  readonly lastsMs: readonly [number, number];
}

/** So that a minute has seen each kind, and ten minutes each of them with each of the others. */
const RHYTHMS: readonly Rhythm[] = [
  { whats: ['server killed'], every: [3, 11], first: [3, 6], lastsMs: [0, 2_500] },
  { whats: ['container removed'], every: [3, 9], first: [3, 5], lastsMs: [0, 0] },
  { whats: ['disk filled'], every: [30, 60], first: [8, 12], lastsMs: [2_000, 6_000] },
  { whats: ['engine stopped', 'engine killed'], every: [50, 100], first: [17, 25], lastsMs: [0, 4_000] },
];

/** All faults of a run, by when they strike. The same seed makes the same plan. */
export function planFaults(seconds: number, seed: number): readonly Fault[] {
  return RHYTHMS.flatMap((rhythm, index) => planRhythm(rhythm, seconds, seededRandom(seed * RHYTHMS.length + index))).sort((a, b) => a.atMs - b.atMs);
}

function planRhythm({ whats, every, first, lastsMs }: Rhythm, seconds: number, random: Random): Fault[] {
  const faults: Fault[] = [];
  const between = ([least, most]: readonly [number, number]) => random.integer(least * 1000, most * 1000);
  for (let atMs = between(first); atMs < seconds * 1000; atMs += between(every)) {
    const what = random.pick(whats);
    faults.push({ what, atMs, forMs: random.integer(...lastsMs), withServer: what !== 'server killed' && random.integer(1, 4) === 1 });
  }
  return faults;
}

/** Brings the faults about, each at its time. Resolves when the last is over and everything works again. */
export async function bringAbout(faults: readonly Fault[], place: Place, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const began = Date.now();
  const inTurns = createTurns();
  const under = faults.map(async (fault) => {
    await sleep(began + fault.atMs - Date.now());
    await inTurns(fault.what.split(' ')[0] ?? '', () => strike(fault, place, random));
  });
  await Promise.all(under);
}

async function strike({ what, forMs, withServer }: Fault, place: Place, random: Random): Promise<void> {
  const remove = what === 'container removed' ? await place.findRunning(random) : undefined;
  if (withServer) place.server.kill(forMs);
  switch (what) {
    case 'server killed':
      return place.server.kill(forMs);
    case 'container removed':
      return remove?.();
    case 'disk filled':
      return fillDisk(place, forMs);
    case 'engine stopped':
      return restartEngine(place, { signal: 'SIGTERM', forMs });
    case 'engine killed':
      return restartEngine(place, { signal: 'SIGKILL', forMs });
  }
}

async function fillDisk({ disk, away }: Place, forMs: number): Promise<void> {
  away.disk.begin();
  await disk.fill();
  await sleep(forMs);
  await disk.free();
  away.disk.end();
}

async function restartEngine({ engine, away }: Place, { signal, forMs }: { signal: 'SIGTERM' | 'SIGKILL'; forMs: number }): Promise<void> {
  const spells = signal === 'SIGKILL' ? [away.engine, away.crash] : [away.engine];
  for (const spell of spells) spell.begin();
  await engine.stop(signal);
  await sleep(forMs);
  await engine.start();
  for (const spell of spells) spell.end();
}

/** Faults of one name wait for each other. */
function createTurns(): (name: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return (name, work) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work);
    last.set(name, turn);
    return turn;
  };
}
