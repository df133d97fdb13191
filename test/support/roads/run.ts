import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createDockerEngine } from '../../../src/engine/docker/docker-engine.ts';
import { encodeJob, type Job } from '../../../src/engine/job.ts';
import { cleanEngine, docker } from '../docker.ts';
import { imageReference } from '../images.ts';

export interface Task {
  readonly job: Job;
  readonly input: string;
}

export interface Outcome {
  /** As Python's subprocess has it: negative for a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where in memory the container's program lay before it got its job. */
  readonly image: string | null;
}

export interface Roads {
  /** The launcher becomes the program. */
  readonly direct: Outcome;
  /** What the launcher has started ahead waits for the job, and becomes the program. */
  readonly ahead: Outcome;
}

const FOLDER = '/tmp/roads';
const TASKS = `${FOLDER}/tasks.json`;
const DRIVER = new URL('driver.py', import.meta.url);

/** Runs each by both roads, one after the other, all in one container of the python image. */
export async function runByBothRoads(tasks: readonly Task[]): Promise<Roads[]> {
  const instance = `test-${randomUUID()}`;
  const engine = createDockerEngine({ docker, instance, imageReference });
  const limits = { memoryBytes: 512 * 1024 * 1024, cpus: 2, pids: 128, tmpBytes: 64 * 1024 * 1024 };
  const spec = { scope: { tenant: 'roads', sandbox: 'default' }, image: 'python', sandboxId: instance, uid: 20_321, limits };
  try {
    const prepared = await engine.prepare(spec, new AbortController().signal);
    const container = await prepared.begin(driverJob(tasks));
    if (!container) throw new Error('the container has not taken its job');
    container.stdin.end();
    const printed = { stdout: '', stderr: '' };
    for await (const frames of container.output) for (const { stream, data } of frames) printed[stream] += Buffer.from(data).toString();
    if (printed.stderr) throw new Error(printed.stderr);
    return printed.stdout.trimEnd().split('\n').map(decode);
  } finally {
    await cleanEngine(instance);
  }
}

function driverJob(tasks: readonly Task[]): Job {
  const encoded = tasks.map(({ job, input }) => ({ job: encodeJob(job).toString('base64'), input: Buffer.from(input).toString('base64') }));
  return {
    workingDir: '/',
    compile: [],
    run: ['/usr/bin/python3', `${FOLDER}/driver.py`, TASKS],
    env: { PATH: '/usr/bin:/bin' },
    files: [
      { path: `${FOLDER}/driver.py`, mode: 0o644, content: readFileSync(DRIVER) },
      { path: TASKS, mode: 0o644, content: Buffer.from(JSON.stringify(encoded)) },
    ],
  };
}

function decode(line: string): Roads {
  const { direct, ahead } = JSON.parse(line) as Roads;
  return { direct: textOf(direct), ahead: textOf(ahead) };
}

/** Addresses in memory are other ones in every run. */
function textOf(outcome: Outcome): Outcome {
  const text = (encoded: string) =>
    Buffer.from(encoded, 'base64')
      .toString('latin1')
      .replace(/\b0x[0-9a-f]{8,}\b/g, '0x')
      .replace(/\b(started|ident) \d+/g, '$1');
  return { ...outcome, stdout: text(outcome.stdout), stderr: text(outcome.stderr) };
}
