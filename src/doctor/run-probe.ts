import type { ContainerEngine, ContainerSpec } from '../engine/container-engine.ts';
import { newId } from '../ids.ts';
import { bad, type Finding } from './finding.ts';
import { judgeProbe, type ProbeExpectation, parseProbe, probeProgram } from './probe.ts';

const MIB = 1024 * 1024;
const MEMORY_MB = 128;
const PIDS = 32;
const UID = 19_999;
const PROBE_MS = 60_000;

export interface ProbeOptions {
  /** With a mark of its own, so that nobody takes the probe for a process. */
  readonly engine: ContainerEngine;
  readonly image: string;
  /** `null` for the engine's default. */
  readonly runtime: string | null;
  readonly isGvisor: boolean;
  /** Whether its workspace is a filesystem of its own. */
  readonly hasDisk: boolean;
}

/** Makes a container as every process gets one, and judges what it finds in it. Leaves nothing behind. Rejects with ENGINE_UNAVAILABLE, IMAGE_MISSING. */
export async function runProbe({ engine, image, runtime, isGvisor, hasDisk }: ProbeOptions): Promise<Finding[]> {
  const expected: ProbeExpectation = { uid: UID, pids: PIDS, memoryMb: MEMORY_MB, isGvisor, hasDisk };
  const limits = { memoryBytes: MEMORY_MB * MIB, cpus: 1, pids: PIDS, tmpBytes: 8 * MIB };
  const sandboxId = newId('sbx');
  const spec: ContainerSpec = { scope: { tenant: 'coracle', sandbox: 'probe' }, image, sandboxId, uid: UID, limits, runtime };
  try {
    return await play(engine, spec, expected);
  } finally {
    for (const left of await engine.listVolumes().catch(() => [])) await engine.removeVolume(left).catch(() => undefined);
  }
}

async function play(engine: ContainerEngine, spec: ContainerSpec, expected: ProbeExpectation): Promise<Finding[]> {
  const signal = AbortSignal.timeout(PROBE_MS);
  const container = await engine.prepare(spec, signal);
  try {
    const job = { workingDir: '/workspace', compile: [], run: ['/usr/bin/perl', '-e', probeProgram(expected)], env: { PATH: '/usr/bin:/bin' }, files: [] };
    const running = await container.begin(job);
    running?.stdin.end();
    let printed = '';
    for await (const frames of running?.output ?? [])
      printed += frames.map(({ stream, data }) => (stream === 'stdout' ? Buffer.from(data).toString() : '')).join('');
    const exit = await running?.exit;
    return judgeProbe(parseProbe(printed), expected, exit?.kind === 'exited' && exit.oomKilled);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [
      bad('dangerous', 'probe', {
        what: 'the probe container did not tell what it has',
        why: 'Nobody knows how containers are confined here.',
        remedy: 'Run "npm run setup", look at the log of the engine, and run "coracle doctor" again.',
      }),
    ];
  } finally {
    await container.remove();
  }
}
