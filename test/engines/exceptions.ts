import type { EngineName } from './engines.ts';

export interface EngineException {
  readonly on: readonly EngineName[];
  readonly file: string;
  /** Its whole name. It runs, and has to fail: one that passes is to be taken from the list. Without it the file does not run. */
  readonly test?: string;
  /** What is different on that engine. */
  readonly reason: string;
}

const EVERY = ['userns', 'gvisor'] as const;

const FIFO = 'there it is in the container that made it only, and no call meets it';

export const EXCEPTIONS: readonly EngineException[] = [
  {
    on: EVERY,
    file: 'test/e2e/compose.test.ts',
    reason: 'it gives the server in its container the socket of the machine’s own engine, and reaches it by a published port',
  },
  {
    on: ['userns'],
    file: 'test/integration/options.test.ts',
    test: 'without one option alone, containers are less IpcMode',
    reason: 'the option is left out by sharing the IPC of the host, and with user namespaces no container can',
  },
  {
    on: ['userns'],
    file: 'test/integration/options.test.ts',
    test: 'without one option alone, containers are less ReadonlyPaths',
    reason: 'what it writes to belongs to the host’s root, which no container’s root is with user namespaces',
  },
  ...['test/integration/egress.test.ts', 'test/integration/egress-doctor.test.ts', 'test/e2e/hopx-sdk-internet.test.ts'].map((file) => ({
    on: EVERY,
    file,
    reason: 'the engine has a network namespace of its own, and the rules of a server hold only its own',
  })),
  ...[false, true].map((isPooled) => ({
    on: ['gvisor'] as const,
    file: 'test/contract/container-engine.test.ts',
    test: `with a pool: ${isPooled} container engine: Docker before the job one that waits can be fitted to other limits`,
    reason: 'runsc has no command to change the limits of what runs; the pool then starts another container',
  })),
  {
    on: ['gvisor'],
    file: 'test/integration/execution.test.ts',
    test: 'languages every process has a fresh /tmp/coracle, as a user of its own, with no capability and no way to write elsewhere',
    reason: 'its /proc does not tell NoNewPrivs',
  },
  {
    on: ['gvisor'],
    file: 'test/integration/files.test.ts',
    test: 'nothing leads out of the sandbox no fifo is waited for',
    reason: FIFO,
  },
  ...['fifo', 'socket'].map((kind) => ({
    on: ['gvisor'] as const,
    file: 'test/integration/file-faults.test.ts',
    test: `what is no file of a size that can be read neither waits for a ${kind} nor takes it`,
    reason: FIFO,
  })),
  {
    on: ['gvisor'],
    file: 'test/integration/quota.test.ts',
    test: 'programs run from both folders, and a setuid file there gives nothing',
    reason: 'they run, and its /proc does not tell nosuid and nodev of what the host has mounted so',
  },
  {
    on: ['gvisor'],
    file: 'test/integration/seccomp.test.ts',
    test: 'the seccomp profile refuses what only debuggers, engines and exploits need, and would otherwise be let through',
    reason: 'the profile keeps programs from the host’s kernel; there they meet gVisor’s own, which has it for itself only',
  },
  {
    on: ['gvisor'],
    file: 'test/integration/source.test.ts',
    test: 'limits of a request count its processes',
    reason: 'runsc’s own threads count too, so that no container has fewer than 512',
  },
  {
    on: ['gvisor'],
    file: 'test/integration/sockets.test.ts',
    test: '/files/watch tells every change of a file, by calls and by processes',
    reason: 'a watch looks twice a second there, and misses a file that is gone sooner: inotify knows only the changes of its own container',
  },
  { on: EVERY, file: 'test/e2e/torture.test.ts', reason: 'it starts an engine of its own, whatever other engine is there' },
];
