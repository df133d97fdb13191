import type { Adoption, ContainerEngine, ContainerSpec, PreparedContainer, RunningContainer } from '../../src/engine/container-engine.ts';
import type { Job } from '../../src/engine/job.ts';
import { PROGRAMS, type ProgramName } from './programs.ts';

/** An engine under test, and what the suite must do behind its back. */
export interface EngineHarness {
  readonly engine: ContainerEngine;
  /** The same engine as a server of another instance sees it. */
  readonly foreign: ContainerEngine;
  /** Fixed for the run, so that the harness can remove what belongs to it. */
  readonly sandboxId: string;
  /** Removes a container as somebody with access to the engine would. */
  removeFromOutside(containerId: string): Promise<void>;
  /** Leaves a container that is created and never started, as an engine that forgets the start does. Answers its id. */
  leaveUnstarted(spec: ContainerSpec): Promise<string>;
  /** Leaves a container that waits for its job, as a server that dies does. Answers its id. */
  leaveWaiting(spec: ContainerSpec): Promise<string>;
  /** Makes a container that waits for its job end without it. */
  endLauncher(container: PreparedContainer): Promise<void>;
  /** Removes everything that the run has left. */
  dispose(): Promise<void>;
}

interface Overrides {
  readonly spec?: Partial<ContainerSpec>;
  readonly job?: Partial<Job>;
  readonly code?: string;
}
type Started = RunningContainer & AsyncDisposable;

const FILE = '/tmp/coracle/main.sh';

export function specOf({ sandboxId }: EngineHarness, overrides: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    scope: { tenant: 'contract', sandbox: 'default' },
    image: 'bash',
    sandboxId,
    uid: 20_001,
    limits: { memoryBytes: 64 * 1024 * 1024, cpus: 1, pids: 64, tmpBytes: 16 * 1024 * 1024 },
    ...overrides,
  };
}

export function jobOf(program: ProgramName, { job, code = PROGRAMS[program].bash }: Overrides = {}): Job {
  const main = { path: FILE, mode: 0o644, content: Buffer.from(code) };
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', ...job?.env };
  return { workingDir: '/workspace', compile: [], run: ['/bin/bash', FILE], ...job, env, files: [main, ...(job?.files ?? [])] };
}

export async function prepare(harness: EngineHarness, overrides?: Partial<ContainerSpec>): Promise<PreparedContainer & AsyncDisposable> {
  const container = await harness.engine.prepare(specOf(harness, overrides), new AbortController().signal);
  return { ...container, [Symbol.asyncDispose]: () => container.remove() };
}

/** Its input is not ended. */
export async function start(harness: EngineHarness, program: ProgramName, overrides: Overrides = {}): Promise<Started> {
  const prepared = await harness.engine.prepare(specOf(harness, overrides.spec), new AbortController().signal);
  const container = await prepared.begin(jobOf(program, overrides));
  if (!container) throw new Error('the container has not taken its job');
  return { ...container, [Symbol.asyncDispose]: () => container.remove() };
}

export async function runToEnd(harness: EngineHarness, program: ProgramName, overrides?: Overrides) {
  await using container = await start(harness, program, overrides);
  container.stdin.end();
  const [output, exit] = await Promise.all([collect(container), container.exit]);
  return { ...output, exit, container };
}

export async function collect({ output }: Pick<RunningContainer, 'output'>) {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  for await (const frames of output) for (const { stream, data } of frames) parts[stream].push(Buffer.from(data));
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

/** Standard output until it ends with `text`; the reading is then left. */
export async function readUntil({ output }: Pick<RunningContainer, 'output'>, text: string): Promise<string> {
  let read = '';
  for await (const frames of output) {
    read += frames.map(({ data }) => Buffer.from(data).toString()).join('');
    if (read.endsWith(text)) break;
  }
  return read;
}

export async function adopt({ engine }: Pick<EngineHarness, 'engine'>, containerId: string): Promise<RunningContainer> {
  const adopted: Adoption = await engine.adopt(containerId);
  if (typeof adopted === 'string') throw new Error(`the container is ${adopted}`);
  return adopted;
}

export async function listed({ engine }: Pick<EngineHarness, 'engine'>, containerId: string) {
  return (await engine.list()).find(({ id }) => id === containerId);
}
