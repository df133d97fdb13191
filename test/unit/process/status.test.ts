import { expect, it } from 'vitest';
import { isTerminal, type ProcessStatus, predecessors, STATUSES, TRANSITIONS } from '../../../src/process/status.ts';

const LIFE: readonly (readonly [from: ProcessStatus, to: readonly ProcessStatus[]])[] = [
  ['queued', ['running', 'failed', 'killed']],
  ['running', ['completed', 'failed', 'killed']],
  ['completed', []],
  ['failed', []],
  ['killed', []],
];

it.each(LIFE)('from %s a process goes to %j and nowhere else', (from, to) => {
  expect(TRANSITIONS[from].toSorted()).toEqual(to.toSorted());
});

it('the table speaks of every status, and of no other', () => {
  expect(Object.keys(TRANSITIONS).toSorted()).toEqual(STATUSES.toSorted());
  for (const to of Object.values(TRANSITIONS).flat()) expect(STATUSES).toContain(to);
});

it('exactly the statuses without a successor are terminal', () => {
  expect(STATUSES.filter(isTerminal)).toEqual(['completed', 'failed', 'killed']);
});

it('every status can be reached from queued', () => {
  const reached = new Set<ProcessStatus>(['queued']);
  for (const status of reached) for (const next of TRANSITIONS[status]) reached.add(next);
  expect([...reached].toSorted()).toEqual(STATUSES.toSorted());
});

it.each<[ProcessStatus, readonly ProcessStatus[]]>([
  ['queued', []],
  ['running', ['queued']],
  ['completed', ['running']],
  ['failed', ['queued', 'running']],
  ['killed', ['queued', 'running']],
])('%s is reached from %j', (to, from) => {
  expect(predecessors(to)).toEqual(from);
});
