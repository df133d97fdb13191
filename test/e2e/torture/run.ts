import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { type Accepted, follow, submit } from './accepted.ts';
import { bringAbout, type Fault, planFaults } from './chaos.ts';
import type { Answer, Call, Client } from './client.ts';
import { newProgram } from './load.ts';
import { createRig, findRunning, leftOnEngine, type Rig } from './rig.ts';
import { overlap } from './spells.ts';
import { compareRecords, examine, type Faults, findLeftovers, listRecords, spoolsWithoutRecord } from './verify.ts';

export interface TortureOptions {
  /** Of load and faults; what was accepted ends after that. */
  readonly minutes: number;
  readonly seed: number;
  readonly tenants: number;
  /** Containers outlive the engine's restarts. */
  readonly liveRestore: boolean;
  readonly say: (line: string) => void;
  /** Ends it at once, with nothing left behind. */
  readonly signal?: AbortSignal;
}

export interface TortureReport {
  readonly violations: readonly string[];
  /** Kind of program → ending → how many. */
  readonly endings: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly accepted: number;
  /** Submissions, by the status of their answer. */
  readonly refused: Readonly<Record<number, number>>;
  readonly serverKills: number;
  readonly engineRestarts: number;
  readonly containersRemoved: number;
  readonly diskSpells: number;
}

/** Alive at once: some more than may run, so that there is a queue. */
const MOST_ALIVE = 14;
const MAX_CONTAINERS = 8;
const PROGRESS_MS = 30_000;
/** Room for the records and the output of a run, which are kept to its end. */
const DISK_MIB = { least: 80, perMinute: 16 };
/** Everything that was accepted has ended so long after the last fault. */
const ENDS_MS = 180_000;
const LOG_LINES = 12;

/** Drives the built server with mixed load while everything around it fails, and then holds what it says against what every program is known to do. */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  const { minutes, seed, tenants, liveRestore, say, signal = new AbortController().signal } = options;
  const problems: string[] = [];
  const refused: Record<number, number> = {};
  function onAnswer({ method, path }: Call, { status, body }: Answer): void {
    if (status >= 500 && status !== 503 && status !== 507) problems.push(`${method} ${path} was answered with ${status} ${JSON.stringify(body)}`);
    if (method === 'POST' && status !== 200) refused[status] = (refused[status] ?? 0) + 1;
  }
  const diskMebibytes = Math.ceil(DISK_MIB.least + DISK_MIB.perMinute * minutes);
  await using rig = await createRig({ tenants, diskMebibytes, maxContainers: MAX_CONTAINERS, liveRestore, onAnswer });
  const faults = planFaults(minutes * 60, seed);
  const accepted: Accepted[] = [];
  const deadline = Date.now() + minutes * 60_000;
  const progress = setInterval(() => say(progressOf(rig, accepted)), PROGRESS_MS);
  try {
    const followers = await orAbort(signal, Promise.all([drive(rig, accepted, { deadline, seed }), strikeAll(rig, accepted, { faults, seed })]));
    problems.push(...(await orAbort(signal, untilAllEnded(accepted, followers[0]))));
  } finally {
    clearInterval(progress);
  }
  say(`${progressOf(rig, accepted)}; looking at all of them`);
  const { endings, violations } = await examineAll(rig, accepted);
  problems.push(...violations, ...(await examineRig(rig, accepted)));
  const exit = await rig.server.stop('SIGTERM');
  if (exit !== 0) problems.push(`the server, asked to stop, ended with ${exit}`);
  return {
    violations: problems,
    endings,
    accepted: accepted.length,
    refused,
    serverKills: rig.server.kills(),
    engineRestarts: rig.away.engine.all().length,
    containersRemoved: accepted.filter(({ removedAt }) => removedAt !== undefined).length,
    diskSpells: rig.away.disk.all().length,
  };
}

function orAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  return Promise.race([work, aborted]);
}

function progressOf({ server, away }: Rig, accepted: readonly Accepted[]): string {
  const over = accepted.filter(({ isOver }) => isOver).length;
  return `${accepted.length} accepted, ${over} over; ${server.kills()} server kills, ${away.engine.all().length} engine restarts, ${away.disk.all().length} full disks`;
}

/** Submits programs as long as the time lasts, and follows each. Answers the followers. */
async function drive(rig: Rig, accepted: Accepted[], { deadline, seed }: { deadline: number; seed: number }): Promise<Promise<void>[]> {
  const random = seededRandom(seed);
  const followers: Promise<void>[] = [];
  for (let number = 0; Date.now() < deadline; number += 1) {
    const client = pickClient(rig.clients, random);
    const process = await submit(client, newProgram(`t${seed}-${number}`, random));
    if (process) {
      accepted.push(process);
      const follower = follow(client, process);
      // Whoever waits for it hears of a failure; where something else has failed before, nobody does.
      follower.catch(() => undefined);
      followers.push(follower);
    }
    await sleep(random.integer(0, 500));
    await until(() => accepted.filter(({ isOver }) => !isOver).length < MOST_ALIVE || Date.now() > deadline, 'room for another process', ENDS_MS);
  }
  return followers;
}

function pickClient(clients: readonly Client[], random: Random): Client {
  const [first, ...others] = clients;
  if (!first) throw new Error('there is no tenant');
  return random.pick([first, ...others]);
}

function strikeAll(rig: Rig, accepted: readonly Accepted[], { faults, seed }: { faults: readonly Fault[]; seed: number }): Promise<void> {
  const place = { ...rig, findRunning: (random: Random) => findRunning(rig, accepted, random) };
  return bringAbout(faults, place, seed);
}

async function untilAllEnded(accepted: readonly Accepted[], followers: readonly Promise<void>[]): Promise<string[]> {
  const isLate = sleep(ENDS_MS, 'late', { ref: false });
  const how = await Promise.race([Promise.all(followers), isLate]);
  if (how !== 'late') return [];
  return accepted.filter(({ isOver }) => !isOver).map(({ id, program }) => `${program.kind} ${id} has not ended ${ENDS_MS / 1000} s after the last fault`);
}

async function examineAll(rig: Rig, accepted: Accepted[]) {
  const endings: Record<string, Record<string, number>> = {};
  const violations: string[] = [];
  const faults: Faults = { engine: rig.away.engine.all(), crash: rig.away.crash.all(), server: rig.away.server.all() };
  for (const client of rig.clients) {
    const own = accepted.filter(({ tenant, isOver }) => tenant === client.tenant && isOver);
    const ran = await tagsOf(client, accepted);
    for (const process of own) {
      const { ending, problems } = await examine(client, process, { faults, ran });
      const { kind } = process.program;
      endings[kind] = { ...endings[kind], [ending]: (endings[kind]?.[ending] ?? 0) + 1 };
      violations.push(...problems.map((problem) => `${kind} ${process.id} ${problem}${logOf(rig, process.id)}`));
    }
    const all = accepted.filter(({ tenant }) => tenant === client.tenant).map(({ id }) => id);
    violations.push(...compareRecords(client.tenant, await listRecords(client), all));
  }
  return { endings, violations };
}

/** Which programs have left their tag in the tenant's workspace, as often as they have run. */
async function tagsOf(client: Client, accepted: Accepted[]): Promise<string[]> {
  const code = 'touch /workspace/ran; cat /workspace/ran';
  const lister = { ...newProgram(`list-${client.tenant}`, seededRandom(0)), kind: 'short' as const, code };
  // What the disk was short of a moment ago is refused for a moment more.
  const process = await until(() => submit(client, lister), `the list of what ran for ${client.tenant} to be accepted`);
  accepted.push(process);
  const text = await until(async () => {
    const { body } = await client.call({ method: 'GET', path: `/execute/processes/${process.id}` });
    return body['status'] === 'completed' && `${body['stdout']}\n`;
  }, 'the list of what ran');
  return text.split('\n').filter(Boolean);
}

async function examineRig(rig: Rig, accepted: readonly Accepted[]): Promise<string[]> {
  const ids = accepted.map(({ id }) => id);
  const left = await findLeftovers(async () => [
    ...(await leftOnEngine(rig.engine, rig.clients.length)),
    ...(await spoolsWithoutRecord(join(rig.disk.path, 'output'), ids)),
  ]);
  const full = rig.away.disk.all();
  const deaths = rig.server.deaths.filter(({ at }) => !full.some((spell) => overlap(spell, { from: at, to: at }, PROGRESS_MS / 10)));
  return [...left.map((what) => `left over: ${what}`), ...deaths.map(({ how }) => `the server ended by itself: ${how}`)];
}

/** What the server had to say of a process. */
function logOf({ server }: Rig, id: string): string {
  const lines = server
    .log()
    .split('\n')
    .filter((line) => line.includes(id));
  return lines.slice(-LOG_LINES).map(summarise).join('');
}

function summarise(line: string): string {
  const { time, pid, msg, err } = JSON.parse(line) as { time: number; pid: number; msg: string; err?: { message: string } };
  return `\n    ${new Date(time).toISOString()} server ${pid}: ${msg} ${err ? `(${err.message})` : ''}`;
}
