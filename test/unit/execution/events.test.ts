import { expect, test } from 'vitest';
import { createEvents, type Events, type StatusListener } from '../../../src/execution/events.ts';
import { newRecord } from '../../support/records.ts';

const record = newRecord({ id: 'proc_a', scope: { tenant: 'acme', sandbox: 'default' } });

const subscriptions: [title: string, subscribe: (events: Events, listener: StatusListener) => () => void, isTold: boolean][] = [
  ['to all', (events, listener) => events.onStatus(listener), true],
  ['to the process', (events, listener) => events.onStatusOf('proc_a', listener), true],
  ['to another process', (events, listener) => events.onStatusOf('proc_b', listener), false],
  ['to the sandbox', (events, listener) => events.onStatusIn({ tenant: 'acme', sandbox: 'default' }, listener), true],
  ['to another sandbox', (events, listener) => events.onStatusIn({ tenant: 'acme', sandbox: 'other' }, listener), false],
  ["to another tenant's sandbox", (events, listener) => events.onStatusIn({ tenant: 'globex', sandbox: 'default' }, listener), false],
  ['to the output', (events, listener) => events.onOutputOf('proc_a', () => listener(record)), false],
];

test.each(subscriptions)('a change of status is told to who subscribed %s: %#', (_title, subscribe, isTold) => {
  const events = createEvents();
  const told: unknown[] = [];
  const unsubscribe = subscribe(events, (change) => told.push(change));
  events.publishStatus(record);
  expect(told).toEqual(isTold ? [record] : []);
  unsubscribe();
  events.publishStatus(record);
  expect(told).toHaveLength(isTold ? 1 : 0);
});

test('output is told to those who follow it, and to nobody else', () => {
  const events = createEvents();
  const told: string[] = [];
  events.onOutputOf('proc_a', () => told.push('a'));
  events.onOutputOf('proc_b', () => told.push('b'));
  events.onStatus(() => told.push('status'));
  events.publishOutput('proc_a');
  expect(told).toEqual(['a']);
});
