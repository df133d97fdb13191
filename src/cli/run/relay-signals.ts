import { ConflictError, NotFoundError } from '../../client/errors.ts';

export type RelayedSignal = (typeof RELAYED)[number];

const RELAYED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
/** What does not end a process that has not started yet. */
const HARMLESS: readonly RelayedSignal[] = ['SIGUSR1', 'SIGUSR2'];

export interface Target {
  /** Rejects with ConflictError while it waits to be started. */
  signal(name: RelayedSignal): Promise<unknown>;
  kill(): Promise<unknown>;
}

/**
 * What one of our own signals does to the process: it is passed on, and a second interrupt ends a process that the first has not. One that waits to be started
 * is ended by what would have ended it.
 */
export function createRelay({ signal, kill }: Target): (name: RelayedSignal) => Promise<void> {
  let isInterrupted = false;
  return async (name) => {
    const mustEnd = name === 'SIGINT' && isInterrupted;
    isInterrupted ||= name === 'SIGINT';
    try {
      await (mustEnd ? kill() : signal(name));
    } catch (error) {
      if (error instanceof ConflictError && !HARMLESS.includes(name)) await kill().catch(ignoreEnded);
      else ignoreEnded(error);
    }
  };
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof NotFoundError) && !(error instanceof ConflictError)) throw error;
}

/** Catches our own signals from now on. Those that come before there is a process wait for it. */
export function catchSignals(process: Pick<NodeJS.Process, 'on'>) {
  const early: RelayedSignal[] = [];
  let relay: ((name: RelayedSignal) => void) | undefined;
  for (const name of RELAYED) process.on(name, () => (relay ? relay(name) : early.push(name)));
  return {
    passOn(work: (name: RelayedSignal) => void): void {
      relay = work;
      for (const name of early) work(name);
    },
  };
}
