import { expect, test } from 'vitest';
import { recordAt, statusesOf } from '../../../src/process/history.ts';
import { newRecord } from '../../support/records.ts';

const failure = { kind: 'oom', message: 'Too little memory.' } as const;
const queued = newRecord();
const running = { ...queued, status: 'running', startingAt: 4, startedAt: 5, containerId: 'abc' } as const;
const usage = { peakMemoryBytes: 1, cpuMs: 2 };
const failed = { ...running, status: 'failed', cause: 'kill', endedAt: 9, exitCode: 137, failure, outputComplete: false, storedBytes: 7, usage } as const;
const killedInQueue = { ...queued, status: 'killed', cause: 'kill', endedAt: 9 } as const;

test.each([
  ['waits', queued, ['queued']],
  ['runs', running, ['queued', 'running']],
  ['has run', failed, ['queued', 'running', 'failed']],
  ['never ran', killedInQueue, ['queued', 'killed']],
] as const)('a process that %s has a past', (_title, record, statuses) => {
  expect(statusesOf(record)).toEqual(statuses);
});

test.each([
  ['queued', queued],
  ['running', running],
  ['failed', failed],
] as const)('an ended record as it was when it became %s', (status, record) => {
  expect(recordAt(failed, status)).toEqual(record);
});
