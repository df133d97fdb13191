import { bad, type Finding } from './finding.ts';
import { isKilled, judgeProbe, type ProbeExpectation, parseProbe, probeProgram } from './probe.ts';
import { type Once, PROBE_UID, runOnce } from './run-once.ts';

const MIB = 1024 * 1024;
const MEMORY_MB = 128;
const PIDS = 32;

export interface ProbeOptions extends Pick<Once, 'engine' | 'image' | 'runtime'> {
  readonly isGvisor: boolean;
  readonly place: ProbeExpectation['place'];
}

/** Makes a container as every process gets one, and judges what it finds in it. Leaves nothing behind. Rejects with ENGINE_UNAVAILABLE, IMAGE_MISSING. */
export async function runProbe({ isGvisor, place, ...options }: ProbeOptions): Promise<Finding[]> {
  const expected: ProbeExpectation = { uid: PROBE_UID, pids: PIDS, memoryMb: MEMORY_MB, isGvisor, place };
  const job = { compile: [], run: ['/usr/bin/perl', '-e', probeProgram(expected)], env: { PATH: '/usr/bin:/bin' }, files: [] };
  const { stdout, exit } = await runOnce({ ...options, limits: { memoryBytes: MEMORY_MB * MIB, pids: PIDS }, job });
  try {
    return judgeProbe(parseProbe(stdout), expected, isKilled(exit));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [
      bad('dangerous', 'probe', {
        what: 'the probe container did not tell what it has',
        why: 'Nobody knows how containers are confined here.',
        remedy: 'Run "npm run setup", look at the log of the engine, and run "coracle doctor" again.',
      }),
    ];
  }
}
