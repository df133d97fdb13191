import { describe, expect, it } from 'vitest';
import { outcomeOf, span } from '../../../src/cli/describe.ts';
import { exitCodeOf } from '../../../src/cli/exit-code.ts';
import type { Process } from '../../../src/client/types.ts';

type Ending = Pick<Process, 'status' | 'exit_code' | 'failure'>;
type Kind = NonNullable<Process['failure']>['kind'];

const failed = (kind: Kind, exit_code: number | null): Ending => ({ status: 'failed', exit_code, failure: { kind, message: '' } });

describe('how a process ended', () => {
  it.each<[Ending, number, string]>([
    [{ status: 'completed', exit_code: 0, failure: null }, 0, 'completed'],
    [failed('exit', 3), 3, 'failed'],
    [failed('signal', 143), 143, 'failed (signal)'],
    [failed('oom', 137), 137, 'failed (oom)'],
    [failed('timeout', 143), 124, 'failed (timeout)'],
    [failed('output_limit', 137), 137, 'failed (output limit)'],
    [failed('start', null), 125, 'failed (start)'],
    [failed('lost', null), 125, 'failed (lost)'],
    [{ status: 'killed', exit_code: 143, failure: null }, 143, 'killed'],
    [{ status: 'killed', exit_code: null, failure: null }, 137, 'killed'],
  ])('%j exits with %d and reads %j', (process, exitCode, text) => {
    expect(exitCodeOf(process)).toBe(exitCode);
    expect(outcomeOf(process)).toBe(text);
  });
});

it.each([
  [-1, '0.0s'],
  [0.04, '0.0s'],
  [9.94, '9.9s'],
  [10.4, '10s'],
  [59.4, '59s'],
  [60, '1m0s'],
  [3_599, '59m59s'],
  [3_600, '1h0m'],
  [90_000, '1d1h'],
])('%d seconds read %s', (seconds, text) => {
  expect(span(seconds)).toBe(text);
});
