import { describe, expect, it } from 'vitest';
import { type ContainerExit, decideOutcome, type FailureKind, type StopCause } from '../../../src/process/outcome.ts';
import type { TerminalStatus } from '../../../src/process/status.ts';

const LIMITS = { timeoutSeconds: 90, memoryBytes: 512 * 1024 * 1024, outputLimit: 4096 };
const exited = (exitCode: number, memory: 'oom' | 'enough' = 'enough'): ContainerExit => ({
  kind: 'exited',
  exitCode,
  oomKilled: memory === 'oom',
  endedAt: 1,
});
const VANISHED: ContainerExit = { kind: 'vanished', reason: 'The engine no longer knows it.' };

type Row = readonly [what: string, exit: ContainerExit, cause: StopCause | null, status: TerminalStatus, kind: FailureKind | null, exitCode: number | null];

const TABLE: readonly Row[] = [
  ['exit code 0', exited(0), null, 'completed', null, 0],
  ['exit code 0 after a child was out of memory', exited(0, 'oom'), null, 'completed', null, 0],
  ['exit code 1', exited(1), null, 'failed', 'exit', 1],
  ['exit code 128', exited(128), null, 'failed', 'exit', 128],
  ['exit code 255', exited(255), null, 'failed', 'exit', 255],
  ['exit code 137 with memory enough: its own doing', exited(137), null, 'failed', 'signal', 137],
  ['exit code 143', exited(143), null, 'failed', 'signal', 143],
  ['exit code 137 out of memory', exited(137, 'oom'), null, 'failed', 'oom', 137],
  ['exit code 1 out of memory', exited(1, 'oom'), null, 'failed', 'oom', 1],
  ['a container that vanished', VANISHED, null, 'failed', 'lost', null],
  ['a kill, exit code 137', exited(137), 'kill', 'killed', null, 137],
  ['a kill that came after exit code 0', exited(0), 'kill', 'killed', null, 0],
  ['a kill, exit code 1', exited(1), 'kill', 'killed', null, 1],
  ['a kill, out of memory', exited(137, 'oom'), 'kill', 'killed', null, 137],
  ['a kill, exit code 0 after a child was out of memory', exited(0, 'oom'), 'kill', 'killed', null, 0],
  ['a kill of a container that vanished', VANISHED, 'kill', 'killed', null, null],
  ['a time-out, exit code 137', exited(137), 'timeout', 'failed', 'timeout', 137],
  ['a time-out that came after exit code 0', exited(0), 'timeout', 'failed', 'timeout', 0],
  ['a time-out, exit code 1', exited(1), 'timeout', 'failed', 'timeout', 1],
  ['a time-out, out of memory', exited(137, 'oom'), 'timeout', 'failed', 'timeout', 137],
  ['a time-out, exit code 0 after a child was out of memory', exited(0, 'oom'), 'timeout', 'failed', 'timeout', 0],
  ['a time-out of a container that vanished', VANISHED, 'timeout', 'failed', 'timeout', null],
  ['too many files, exit code 137', exited(137), 'disk_limit', 'failed', 'disk_limit', 137],
  ['too many files, exit code 0', exited(0), 'disk_limit', 'failed', 'disk_limit', 0],
  ['too much output, exit code 137', exited(137), 'output_limit', 'failed', 'output_limit', 137],
  ['too much output, exit code 0', exited(0), 'output_limit', 'failed', 'output_limit', 0],
  ['too much output, out of memory', exited(137, 'oom'), 'output_limit', 'failed', 'output_limit', 137],
  ['too much output of a container that vanished', VANISHED, 'output_limit', 'failed', 'output_limit', null],
];

describe('the outcome of a process', () => {
  it.each(TABLE)('%s', (...[, exit, cause, status, kind, exitCode]) => {
    const outcome = decideOutcome({ exit, cause, ...LIMITS });
    expect(outcome).toEqual({ status, exitCode, failure: kind && { kind, message: expect.stringMatching(/\S\.$/) } });
  });

  it.each([
    ['the exit code', { exit: exited(3), cause: null }, /exit code 3/],
    ['the signal', { exit: exited(139), cause: null }, /139.*SIGSEGV/],
    ['the memory it had', { exit: exited(137, 'oom'), cause: null }, /512 MiB/],
    ['the time it had', { exit: exited(137), cause: 'timeout' }, /90 s/],
    ['the output it had', { exit: exited(137), cause: 'output_limit' }, /4096 bytes/],
    ['why it was lost', { exit: VANISHED, cause: null }, /The engine no longer knows it\./],
  ] as const)('says %s', (_what, ending, message) => {
    expect(decideOutcome({ ...ending, ...LIMITS }).failure?.message).toMatch(message);
  });
});
