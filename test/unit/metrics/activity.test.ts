import { expect, test } from 'vitest';
import { createEvents } from '../../../src/execution/events.ts';
import { createActivity } from '../../../src/metrics/activity.ts';
import { newRecord, SCOPE } from '../../support/records.ts';

function open() {
  const events = createEvents();
  const activity = createActivity(events);
  const ran = (ms: number, status: 'completed' | 'failed' | 'killed' = 'completed') =>
    events.publishStatus(newRecord({ status, startedAt: 1_000, endedAt: 1_000 + ms }));
  return { events, activity, ran };
}

const NOTHING = { executions: 0, failed: 0, requests: 0, errors: 0, averageMs: 0, p95Ms: 0 };

test('nothing has happened at first, nor where something happens elsewhere', () => {
  const { activity, ran } = open();
  expect(activity.of(SCOPE)).toEqual(NOTHING);
  ran(5);
  for (const other of [
    { ...SCOPE, tenant: 'globex' },
    { ...SCOPE, sandbox: 'other' },
  ])
    expect(activity.of(other)).toEqual(NOTHING);
});

test('executions are counted when they are accepted, and failures when they fail', () => {
  const { events, activity, ran } = open();
  events.publishStatus(newRecord({ status: 'queued' }));
  events.publishStatus(newRecord({ status: 'running' }));
  ran(1);
  ran(1, 'failed');
  ran(1, 'killed');
  expect(activity.of(SCOPE)).toMatchObject({ executions: 1, failed: 1 });
});

test('requests are counted, and those that were answered with an error', () => {
  const { activity } = open();
  for (const status of [200, 204, 399, 400, 404, 500]) activity.noteRequest(SCOPE, status);
  expect(activity.of(SCOPE)).toMatchObject({ requests: 6, errors: 3 });
});

test('durations are those of the latest runs, and not of what never ran', () => {
  const { events, activity, ran } = open();
  for (let count = 0; count < 300; count += 1) ran(1_000_000);
  for (let ms = 1; ms <= 200; ms += 1) ran(ms);
  events.publishStatus(newRecord({ status: 'killed', startedAt: null, endedAt: 5 }));
  expect(activity.of(SCOPE)).toMatchObject({ averageMs: 101, p95Ms: 190 });
});

test('only so many sandboxes are remembered, the latest', () => {
  const { activity } = open();
  activity.noteRequest(SCOPE, 200);
  for (let index = 0; index < 9_999; index += 1) activity.noteRequest({ ...SCOPE, sandbox: `s${index}` }, 200);
  activity.noteRequest(SCOPE, 200);
  activity.noteRequest({ ...SCOPE, sandbox: 'one more' }, 200);
  expect(activity.of(SCOPE).requests).toBe(2);
  expect(activity.of({ ...SCOPE, sandbox: 's0' }).requests).toBe(0);
});
