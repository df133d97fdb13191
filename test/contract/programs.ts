import type { ContainerSpec } from '../../src/engine/container-engine.ts';
import type { Job } from '../../src/engine/job.ts';
import { CoracleError } from '../../src/errors.ts';
import type { ContainerLimits } from '../../src/process/limits.ts';
import type { Script } from '../support/fake-container.ts';

/** One program in two tongues: bash for an engine that runs it, and a script for the fake, which is told it by the same text. */
interface Program {
  readonly bash: string;
  readonly script: (job: Job, limits: ContainerLimits) => Script;
}

const printing = (bash: string, script: Script) => ({ bash, script: () => script });

export const PROGRAMS = {
  quiet: printing('true', {}),
  'three lines, then exit 3': printing("printf 'one\\n'; printf 'two\\n'; printf 'three\\n'; exit 3", {
    steps: [{ print: 'one\n' }, { print: 'two\n' }, { print: 'three\n' }],
    ends: 3,
  }),
  'both streams': printing('for n in 1 2 3; do echo "out $n"; echo "err $n" >&2; done', {
    steps: [1, 2, 3].flatMap((n) => [{ print: `out ${n}\n` }, { print: `err ${n}\n`, on: 'stderr' as const }]),
  }),
  'every byte on both streams': printing("perl -e 'print map chr, 0..255'; perl -e 'print STDERR map chr, 0..255'", {
    steps: [{ print: everyByte() }, { print: everyByte(), on: 'stderr' }],
  }),
  'three million bytes': printing("head -c 3000000 /dev/zero | tr '\\0' x", { steps: [{ print: 'x'.repeat(3_000_000) }] }),
  'eat all memory': printing('exec tail /dev/zero', { ends: 'oom' }),
  'tell directory and greeting': {
    bash: 'pwd; printf %s "$GREETING"',
    script: ({ workingDir, env }: Job) => ({ steps: [{ print: `${workingDir}\n` }, { print: env['GREETING'] ?? '' }] }),
  },
  'count own code': {
    bash: 'wc -c < "$0"; exit\n#',
    script: ({ files }: Job) => ({ steps: [{ print: `${files[0]?.content.length}\n` }] }),
  },
  'read back a file': {
    // Not with stat, whose flags gVisor refuses.
    bash: `cat /workspace/given/file; perl -e 'printf STDERR "%o\\n", (stat shift)[2] & 07777' /workspace/given/file`,
    script: ({ files }: Job) => ({ steps: [{ print: files[1]?.content ?? '' }, { print: `${files[1]?.mode.toString(8)}\n`, on: 'stderr' as const }] }),
  },
  'tell memory and processes allowed': {
    bash: 'cd /sys/fs/cgroup; cat memory.max pids.max 2>/dev/null || cat memory/memory.limit_in_bytes pids/pids.max',
    script: (_job: Job, { memoryBytes, pids }: ContainerLimits) => ({ steps: [{ print: `${memoryBytes}\n${pids}\n` }] }),
  },
  'copy input to output': printing('cat', { steps: ['echo input'] }),
  'say ready, then go on': printing('echo ready; exec sleep 600', { steps: [{ print: 'ready\n' }], ends: 'never' }),
  'say ready, then go on through SIGTERM': printing("trap '' TERM; echo ready; while :; do sleep 0.1; done", {
    steps: [{ print: 'ready\n' }],
    ends: 'never',
    ignoresTerm: true,
  }),
} satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;

/** An image that no engine has. */
export const MISSING_IMAGE = 'there-is-no-such-image';

/** What the fake does for a container of this suite. */
export function scriptOf(spec: ContainerSpec): Script {
  if (spec.image === MISSING_IMAGE) return { startFails: new CoracleError('IMAGE_MISSING', 'The image is missing. Run the set-up.') };
  return { onJob: scriptOfJob };
}

function scriptOfJob(job: Job, limits: ContainerLimits): Script {
  const code = Buffer.from(job.files[0]?.content ?? '').toString();
  const program = Object.values(PROGRAMS).find(({ bash }) => code.startsWith(bash));
  if (!program) throw new Error('the fake does not know this program');
  return program.script(job, limits);
}

export function everyByte(): Buffer {
  return Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
}
