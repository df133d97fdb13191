import { expect, test } from 'vitest';
import { eventsAfter, type Position, type ProcessEvent } from '../../../src/execution/process-events.ts';
import type { FrameSlice, OutputStream } from '../../../src/output/output-store.ts';
import type { ProcessRecord } from '../../../src/process/record.ts';
import { newRecord } from '../../support/records.ts';

const START: Position = { statuses: 0, offset: 0 };
const running = newRecord({ status: 'running', startedAt: 5 });
const completed = newRecord({ status: 'completed', startedAt: 5, endedAt: 9 });
const killed = newRecord({ status: 'killed', endedAt: 9 });

function slice(text: string, { offset = 0, total = offset + text.length }: { offset?: number; total?: number } = {}): FrameSlice {
  const frames = text === '' ? [] : [{ stream: 'stdout' as const, data: Buffer.from(text), offset, time: 1 }];
  return { frames, offset, nextOffset: offset + text.length, totalBytes: total, droppedBytes: 0 };
}

/** In a few characters: `queued@0`, `"text"@4` (the place after it), `3-7@7` for what was dropped. */
function briefly({ position, ...event }: ProcessEvent): string {
  const at = `@${position.offset}.${position.statuses}`;
  if (event.kind === 'status') return event.record.status + at;
  return (event.kind === 'output' ? `"${Buffer.from(event.frame.data)}"` : `${event.offset}-${event.nextOffset}`) + at;
}

const cases: [title: string, given: [from: Position, record: ProcessRecord, slice: FrameSlice], expected: [told: string[], isFinal: boolean]][] = [
  ['one that waits', [START, newRecord(), slice('')], [['queued@0.1'], false]],
  ['one that waits still', [{ statuses: 1, offset: 0 }, newRecord(), slice('')], [[], false]],
  ['one that runs', [START, running, slice('ab')], [['queued@0.1', 'running@0.2', '"ab"@2.2'], false]],
  ['one that goes on', [{ statuses: 2, offset: 2 }, running, slice('cd', { offset: 2 })], [['"cd"@4.2'], false]],
  ['one whose start was missed', [{ statuses: 1, offset: 0 }, completed, slice('ab')], [['running@0.2', '"ab"@2.2', 'completed@2.3'], true]],
  ['one that has ended, with more to read', [{ statuses: 2, offset: 0 }, completed, slice('ab', { total: 9 })], [['"ab"@2.2'], false]],
  ['one that has ended, with its last output', [{ statuses: 2, offset: 2 }, completed, slice('cd', { offset: 2 })], [['"cd"@4.2', 'completed@4.3'], true]],
  ['one that never ran', [START, killed, slice('')], [['queued@0.1', 'killed@0.2'], true]],
  ['a gap', [{ statuses: 2, offset: 3 }, running, slice('xy', { offset: 8 })], [['3-8@8.2', '"xy"@10.2'], false]],
  ['a gap up to the end', [{ statuses: 2, offset: 3 }, completed, slice('', { offset: 8 })], [['3-8@8.2', 'completed@8.3'], true]],
  ['from the end', [{ statuses: 0, offset: -2 }, running, slice('xy', { offset: 8 })], [['queued@8.1', 'running@8.2', '"xy"@10.2'], false]],
  ['from after the end', [{ statuses: 2, offset: 99 }, running, slice('', { offset: 8 })], [[], false]],
];

test.each(cases)('%s', (_title, given, [told, isFinal]) => {
  const next = eventsAfter(...given);
  expect(next.events.map(briefly)).toEqual(told);
  expect(next.isFinal).toBe(isFinal);
  expect(next.position.offset).toBe(given[2].nextOffset);
});

test('pieces of one stream that came together are told together', () => {
  const pieces: [OutputStream, string, number][] = [
    ['stdout', 'a', 0],
    ['stdout', 'b', 9],
    ['stdout', 'c', 10],
    ['stderr', 'd', 11],
    ['stdout', 'e', 12],
  ];
  const frames = pieces.map(([stream, text, time], offset) => ({ stream, data: Buffer.from(text), offset, time }));
  const { events } = eventsAfter({ statuses: 2, offset: 0 }, running, { frames, offset: 0, nextOffset: 5, totalBytes: 5, droppedBytes: 0 });
  expect(events.map(briefly)).toEqual(['"ab"@2.2', '"c"@3.2', '"d"@4.2', '"e"@5.2']);
});
