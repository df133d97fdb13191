import { signalOfExitCode } from './signals.ts';
import type { TerminalStatus } from './status.ts';

/** Why Coracle itself ended a process. */
export type StopCause = 'kill' | 'timeout' | 'output_limit' | 'disk_limit' | 'abandoned';

export type FailureKind = 'start' | 'lost' | 'exit' | 'signal' | 'timeout' | 'oom' | 'output_limit' | 'disk_limit' | 'abandoned';

export interface Failure {
  readonly kind: FailureKind;
  /** A sentence for a person, safe to show to the tenant. */
  readonly message: string;
}

/** How a container ended, as far as the engine can tell. `vanished`: the engine no longer knows the container or how it ended. */
export type ContainerExit =
  | {
      readonly kind: 'exited';
      readonly exitCode: number;
      readonly oomKilled: boolean;
      readonly endedAt: number | null;
      /** The engine was away when it ended, and may not have taken what it wrote last. */
      readonly mayLackOutput?: true;
    }
  | { readonly kind: 'vanished'; readonly reason: string };

export interface Outcome {
  readonly status: TerminalStatus;
  readonly exitCode: number | null;
  readonly failure: Failure | null;
}

export interface Ending {
  readonly exit: ContainerExit;
  readonly cause: StopCause | null;
  readonly timeoutSeconds: number;
  readonly memoryBytes: number;
  readonly outputLimit: number;
}

/** Of a process that was to be answered with its result, and nobody was there any more. */
export const ABANDONED: Failure = { kind: 'abandoned', message: 'The client of this call went away before the process had ended, so it was stopped.' };

/** The ending of a process that was stopped before it ran. */
export function neverRan(cause: 'kill' | 'abandoned') {
  return cause === 'kill' ? ({ to: 'killed', failure: null } as const) : ({ to: 'failed', failure: ABANDONED } as const);
}

const MIB = 1024 * 1024;

/**
 * Maps how a container ended, and why, to the record's ending. Our own recorded intent comes first, then what the infrastructure did,
 * then memory, then the exit code: `exit 137` alone is the program's own word and proves neither a kill nor a lack of memory.
 */
export function decideOutcome(ending: Ending): Outcome {
  const { exit, cause } = ending;
  const exitCode = exit.kind === 'exited' ? exit.exitCode : null;
  if (cause !== null) return { ...intended(cause, ending), exitCode };
  if (exit.kind === 'vanished') return failed(null, 'lost', exit.reason);
  if (exit.exitCode === 0) return { status: 'completed', exitCode: 0, failure: null };
  if (exit.oomKilled) return failed(exit.exitCode, 'oom', `The process needed more than its ${ending.memoryBytes / MIB} MiB of memory and was stopped.`);
  return unsuccessful(exit.exitCode);
}

function intended(cause: StopCause, ending: Ending): Pick<Outcome, 'status' | 'failure'> {
  switch (cause) {
    case 'kill':
      return { status: 'killed', failure: null };
    case 'timeout':
      return failed(null, 'timeout', `The process ran for its whole time-out of ${ending.timeoutSeconds} s and was stopped.`);
    case 'output_limit':
      return failed(null, 'output_limit', `The process wrote more than its ${ending.outputLimit} bytes of output and was stopped.`);
    case 'disk_limit':
      return failed(
        null,
        'disk_limit',
        'The process wrote more files than its sandbox, its tenant or the disk has room for, and was stopped. Remove files first.',
      );
    case 'abandoned':
      return { status: 'failed', failure: ABANDONED };
  }
}

function unsuccessful(exitCode: number): Outcome {
  const signal = signalOfExitCode(exitCode);
  if (signal === undefined) return failed(exitCode, 'exit', `The process ended with exit code ${exitCode}.`);
  return failed(exitCode, 'signal', `The process ended with exit code ${exitCode}, which stands for the signal ${signal}.`);
}

function failed(exitCode: number | null, kind: FailureKind, message: string): Outcome {
  return { status: 'failed', exitCode, failure: { kind, message } };
}
