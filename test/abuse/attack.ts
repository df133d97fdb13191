import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { WireProcess } from '../../src/http/schemas/processes.ts';
import type { Api } from '../support/api.ts';
import { containersOf } from '../support/docker.ts';
import { until } from '../support/until.ts';
import type { AbuseCase, Played } from './case.ts';
import { machineFacts, processesOf } from './machine.ts';
import type { Stage } from './stage.ts';
import { type Seen, watchContainer } from './watch.ts';

const LANGUAGES: Readonly<Record<string, string>> = { '.py': 'python', '.sh': 'bash', '.js': 'javascript', '.go': 'go' };
const MIB = 1024 * 1024;
/** A quiet tenant's hello takes well under a second; this is for a machine that is busy with other things. */
const HELLO_MS = 60_000;

/** What the API has to say of the process. `failure` is its kind, null for none; absent: anything. */
export interface Answers {
  readonly status?: WireProcess['status'];
  readonly failure?: string | null;
  readonly exitCode?: number | null;
  readonly stdout?: RegExp | string;
  readonly stderr?: RegExp | string;
}

export interface Afterwards {
  readonly process: WireProcess;
  readonly api: Api;
  readonly stage: Stage;
  /** Absent when it was over before anybody could look. */
  readonly seen: Seen | undefined;
  readonly id: string;
}

/** A hostile program and what has to come of it. */
export interface Attack extends Pick<AbuseCase, 'group' | 'name' | 'isInCi' | 'underGvisor'> {
  /** A file of programs/. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It runs in a sandbox that has asked for internet access. */
  readonly internet?: true;
  /** Seconds; 20 by default. */
  readonly timeout?: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly answers: Answers;
  /** In place of `answers` under gVisor. */
  readonly gvisorAnswers?: Answers;
  /** What must be true besides of the API and the host. */
  readonly afterwards?: (after: Afterwards) => Promise<void> | void;
}

/** Every attempt was refused, and the program says so of each. */
export const ALL_HELD: Answers = { status: 'completed', stdout: /^(held\b.*\n)+$/ };
/** Every attempt was refused but these, which stay inside the sandbox's own kernel. */
export function heldBut(...allowed: readonly string[]): Answers {
  const escaped = allowed.map((what) => what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return { status: 'completed', stdout: new RegExp(`^(held\\b.*\\n|ESCAPED: (${escaped})\\n)+$`) };
}

/** It went on until its time-out, and then it was over. */
export const TIMED_OUT: Answers = { status: 'failed', failure: 'timeout' };
export const OUT_OF_MEMORY: Answers = { status: 'failed', failure: 'oom' };

export function attack({ group, name, isInCi, underGvisor, ...rest }: Attack): AbuseCase {
  return { group, name, ...(isInCi ? { isInCi } : {}), ...(underGvisor ? { underGvisor } : {}), play: (stage) => playAttack(stage, rest) };
}

type Told = Omit<Attack, 'group' | 'name' | 'isInCi' | 'underGvisor'>;

async function playAttack(stage: Stage, { program, env, internet, timeout = 20, body, answers, gvisorAnswers, afterwards }: Told): Promise<Played> {
  const before = machineFacts();
  const { tenant, api } = await stage.stranger({ internet });
  const code = readFileSync(new URL(`programs/${program}`, import.meta.url), 'utf8');
  const id = await api.submit({ language: LANGUAGES[extname(program)], code, env, timeout, ...body });
  const ended = api.ended(id);
  const [process, seen, helloMs] = await Promise.all([ended, watchContainer(stage.server.instance, tenant, ended), hello(stage)]);
  checkAnswers(process, (stage.runtime === 'runsc' && gvisorAnswers) || answers);
  if (seen) await checkHost(stage, seen);
  await checkNothingLeft(stage, tenant, seen);
  assert.deepEqual(machineFacts(), before, 'the machine is not as it was');
  await afterwards?.({ process, api, stage, seen, id });
  return { said: describe(process, seen, helloMs) };
}

/** Another tenant is served while it goes on. */
export async function hello({ quiet }: Stage): Promise<number> {
  const began = performance.now();
  const { status, stdout } = await quiet.run({ language: 'bash', code: 'echo hello' });
  assert.deepEqual({ status, stdout }, { status: 'completed', stdout: 'hello\n' }, 'the hello of another tenant');
  const took = performance.now() - began;
  assert.ok(took < HELLO_MS, `the hello of another tenant took ${took} ms`);
  return took;
}

export function checkAnswers(process: WireProcess, { status, failure, exitCode, stdout, stderr }: Answers): void {
  const seen = `${JSON.stringify({ ...process, stdout: process.stdout.slice(-2_000), stderr: process.stderr.slice(-1_000) })}`;
  if (status !== undefined) assert.equal(process.status, status, seen);
  if (failure !== undefined) assert.equal(process.failure?.kind ?? null, failure, seen);
  if (exitCode !== undefined) assert.equal(process.exit_code, exitCode, seen);
  if (stdout !== undefined) checkText(process.stdout, stdout);
  if (stderr !== undefined) checkText(process.stderr, stderr);
}

function checkText(text: string, wanted: RegExp | string): void {
  if (typeof wanted === 'string') assert.equal(text, wanted);
  else assert.match(text, wanted, text.slice(-2_000));
}

/** The kernel's own count, from outside. */
async function checkHost({ limits, runtime }: Stage, { peakTasks, peakMemoryBytes, cpuSeconds, seconds, lowestNice, oomScoreAdj }: Seen): Promise<void> {
  assert.ok(peakTasks <= limits.pids, `${peakTasks} tasks at once, of ${limits.pids}`);
  assert.ok(peakMemoryBytes <= limits.memoryBytes, `${peakMemoryBytes / MIB} MiB of memory, of ${limits.memoryBytes / MIB}`);
  assert.ok(lowestNice >= 0, `a task of it had a nice of ${lowestNice}`);
  assert.equal(oomScoreAdj, 1000, 'another process of the host would be ended before it');
  // One CPU, and what a start costs before the limit is in place.
  if (seconds > 2) assert.ok(cpuSeconds <= seconds * 1.25 + 1, `${cpuSeconds} s of CPU in ${seconds} s (${runtime})`);
}

async function checkNothingLeft({ server }: Stage, tenant: string, seen: Seen | undefined): Promise<void> {
  await until(async () => !(await containersOf(server.instance)).some(({ Labels }) => Labels['coracle.tenant'] === tenant), 'its container to be removed');
  if (seen) await until(async () => (await processesOf(seen.containerId)).length === 0, 'its processes to be gone from the host');
}

function describe({ status, failure, exit_code }: WireProcess, seen: Seen | undefined, helloMs: number): string {
  const answer = failure ? `${status} (${failure.kind})` : `${status}${exit_code === null ? '' : ` ${exit_code}`}`;
  const peaks = seen ? `, at most ${seen.peakTasks} tasks and ${Math.round(seen.peakMemoryBytes / MIB)} MiB` : '';
  return `${answer}${peaks}, hello beside it in ${Math.round(helloMs)} ms`;
}
