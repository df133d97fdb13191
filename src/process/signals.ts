import { constants } from 'node:os';

/** Where two names have one number, the common one comes first and is taken: SIGABRT before SIGIOT. */
const NAMES = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** The signal that an exit code stands for by the shells' convention (128 + number), or undefined where it stands for none. */
export function signalOfExitCode(exitCode: number): string | undefined {
  return exitCode > 128 ? NAMES.get(exitCode - 128) : undefined;
}
