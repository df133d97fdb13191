import type { ContainerEngine, ContainerSpec } from '../engine/container-engine.ts';
import type { Job } from '../engine/job.ts';
import { newId } from '../ids.ts';
import type { ContainerLimits } from '../process/limits.ts';
import type { ContainerExit } from '../process/outcome.ts';

const MIB = 1024 * 1024;
const MOST_MS = 60_000;
/** Of whoever runs in a container that is only looked at. */
export const PROBE_UID = 19_999;

export interface Once {
  /** With a mark of its own, so that nobody takes what it runs for a process. */
  readonly engine: ContainerEngine;
  readonly image: string;
  /** `null` for the engine's default. */
  readonly runtime: string | null;
  readonly network?: ContainerSpec['network'];
  readonly limits: Omit<ContainerLimits, 'cpus' | 'tmpBytes'>;
  readonly job: Pick<Job, 'compile' | 'run' | 'env' | 'files'>;
}

export interface Ran {
  /** Of both streams. */
  readonly printed: string;
  readonly stdout: string;
  /** Undefined when the container ended without having taken its job. */
  readonly exit: ContainerExit | undefined;
}

/** Runs a job to its end in a container as every process gets one, and leaves nothing behind. Rejects with ENGINE_UNAVAILABLE, ENGINE_REFUSED, IMAGE_MISSING. */
export async function runOnce({ engine, image, runtime, network, limits, job }: Once): Promise<Ran> {
  const sandboxId = newId('sbx');
  const scope = { tenant: 'coracle', sandbox: 'probe' };
  const spec: ContainerSpec = { scope, image, sandboxId, uid: PROBE_UID, limits: { ...limits, cpus: 1, tmpBytes: 8 * MIB }, runtime, network };
  try {
    return await play(engine, spec, { workingDir: '/workspace', ...job });
  } finally {
    await engine.removeVolume(sandboxId).catch(() => undefined);
    if (network) await engine.removeNetwork(sandboxId).catch(() => undefined);
  }
}

async function play(engine: ContainerEngine, spec: ContainerSpec, job: Job): Promise<Ran> {
  const container = await engine.prepare(spec, AbortSignal.timeout(MOST_MS));
  let late: NodeJS.Timeout | undefined;
  try {
    const running = await container.begin(job);
    running?.stdin.end();
    late = setTimeout(() => void running?.stop(0).catch(() => undefined), MOST_MS);
    const printed = { all: '', stdout: '' };
    for await (const frames of running?.output ?? [])
      for (const { stream, data } of frames) {
        const text = Buffer.from(data).toString();
        printed.all += text;
        if (stream === 'stdout') printed.stdout += text;
      }
    return { printed: printed.all, stdout: printed.stdout, exit: await running?.exit };
  } finally {
    clearTimeout(late);
    await container.remove();
  }
}
