import type { ContainerEngine, ContainerSpec, RunningContainer } from '../../src/engine/container-engine.ts';
import { newId } from '../../src/ids.ts';
import { PROGRAMS, type ProgramName } from './programs.ts';

/** An engine under test, and what the suite must do behind its back. */
export interface EngineHarness {
  readonly engine: ContainerEngine;
  /** The same engine as a server of another instance sees it. */
  readonly foreign: ContainerEngine;
  /** Fixed for the run, so that the harness can remove what belongs to it. */
  readonly sandboxId: string;
  /** Removes the container of a process as somebody with access to the engine would. */
  removeFromOutside(processId: string): Promise<void>;
  /** Leaves a container that is created and never started, as a server that died in between would. */
  leaveUnstarted(spec: ContainerSpec): Promise<void>;
  /** Removes everything that the run has left. */
  dispose(): Promise<void>;
}

type Overrides = Partial<Omit<ContainerSpec, 'job'>> & { readonly job?: Partial<ContainerSpec['job']> };
type Started = RunningContainer & AsyncDisposable & { readonly processId: string };

export function specOf({ sandboxId }: EngineHarness, program: ProgramName, { job, ...overrides }: Overrides = {}): ContainerSpec {
  const file = '/tmp/coracle/main.sh';
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  return {
    processId: newId('proc'),
    scope: { tenant: 'contract', sandbox: 'default' },
    image: 'bash',
    sandboxId,
    uid: 20_001,
    limits: { memoryBytes: 64 * 1024 * 1024, cpus: 1, pids: 64, tmpBytes: 16 * 1024 * 1024 },
    ...overrides,
    job: { workingDir: '/workspace', file, compile: [], run: ['/bin/bash', file], code: PROGRAMS[program].bash, ...job, env: { ...env, ...job?.env } },
  };
}

export async function start(harness: EngineHarness, program: ProgramName, overrides?: Overrides): Promise<Started> {
  const spec = specOf(harness, program, overrides);
  const container = await harness.engine.start(spec, new AbortController().signal);
  return { ...container, processId: spec.processId, [Symbol.asyncDispose]: () => container.remove() };
}

export async function runToEnd(harness: EngineHarness, program: ProgramName, overrides?: Overrides) {
  await using container = await start(harness, program, overrides);
  const [output, exit] = await Promise.all([collect(container), container.exit]);
  return { ...output, exit, container };
}

export async function collect({ output }: RunningContainer) {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  for await (const frames of output) for (const { stream, data } of frames) parts[stream].push(data);
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

/** Standard output until it ends with `text`; the reading is then left. */
export async function readUntil({ output }: RunningContainer, text: string): Promise<string> {
  let read = '';
  for await (const frames of output) {
    read += frames.map(({ data }) => Buffer.from(data).toString()).join('');
    if (read.endsWith(text)) break;
  }
  return read;
}

export async function listed({ engine }: EngineHarness, processId: string) {
  return (await engine.list()).find((container) => container.processId === processId);
}
