import { constants } from 'node:os';

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** The signal that an exit code stands for by the shells' convention (128 + number), or undefined where it stands for none. */
export function signalOfExitCode(exitCode: number): string | undefined {
  return exitCode > 128 ? NAMES.get(exitCode - 128) : undefined;
}
