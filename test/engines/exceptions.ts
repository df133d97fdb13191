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
  { on: EVERY, file: 'test/e2e/torture.test.ts', reason: 'it starts an engine of its own, whatever other engine is there' },
];
