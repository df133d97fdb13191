import { expect, it } from 'vitest';
import { signalOfExitCode } from '../../../src/process/signals.ts';

it.each([
  [129, 'SIGHUP'],
  [130, 'SIGINT'],
  [134, 'SIGABRT'],
  [137, 'SIGKILL'],
  [139, 'SIGSEGV'],
  [143, 'SIGTERM'],
  [157, 'SIGIO'],
  [159, 'SIGSYS'],
])('exit code %d stands for %s', (exitCode, signal) => {
  expect(signalOfExitCode(exitCode)).toBe(signal);
});

it.each([0, 1, 9, 126, 127, 128, 160, 192, 255, -1, 128 + 1000])('exit code %d stands for no signal', (exitCode) => {
  expect(signalOfExitCode(exitCode)).toBeUndefined();
});
