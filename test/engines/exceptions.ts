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
    file: 'test/integration/sockets.test.ts',
    test: '/files/watch tells every change of a file, by calls and by processes',
    reason: 'a watch looks twice a second there, and misses a file that is gone sooner: inotify knows only the changes of its own container',
  },
  { on: EVERY, file: 'test/e2e/torture.test.ts', reason: 'it starts an engine of its own, whatever other engine is there' },
];
