import { expect, test } from 'vitest';
import { parseEventId, presentChange, presentEvent } from '../../../src/http/present-events.ts';
import { statusEvent } from '../../../src/http/schemas/events.ts';
import { newRecord } from '../../support/records.ts';

test('a status is the record without its output', () => {
  const [event] = presentEvent({ kind: 'status', record: newRecord({ name: 'x' }), position: { statuses: 1, offset: 7 } });
  expect(event).toMatchObject({ event: 'status', id: '7.1', data: { status: 'queued', name: 'x' } });
  expect(statusEvent.strict().parse(event?.data)).toEqual(event?.data);
  expect(presentChange({ seq: 12, record: newRecord() })).toMatchObject({ event: 'status', id: '12', data: { status: 'queued' } });
});

test('output is text where it is UTF-8, and base64 where it is not, each piece with the place after it', () => {
  const data = Buffer.concat([Buffer.from('ok €'), Buffer.of(0xe2)]);
  const frame = { stream: 'stderr', data, offset: 100, time: 1_700_000_000_000 } as const;
  const base = { stream: 'stderr', time: '2023-11-14T22:13:20.000Z' };
  expect(presentEvent({ kind: 'output', frame, position: { statuses: 2, offset: 107 } })).toEqual([
    { event: 'output', id: '106.2', data: { ...base, data: 'ok €', offset: 100 } },
    { event: 'output', id: '107.2', data: { ...base, data: '4g==', offset: 106, encoding: 'base64' } },
  ]);
});

test('a gap is told with its bounds', () => {
  expect(presentEvent({ kind: 'dropped', offset: 3, nextOffset: 9, position: { statuses: 2, offset: 9 } })).toEqual([
    { event: 'dropped', id: '9.2', data: { offset: 3, next_offset: 9 } },
  ]);
});

test('an id is read back, and nothing else is', () => {
  expect(parseEventId('107.2')).toEqual({ offset: 107, statuses: 2 });
  for (const id of ['', '7', '7.', '.2', '7.4', '-7.2', '7.2.1', '7.2 ', 'x', `${'9'.repeat(20)}.1`]) expect(parseEventId(id)).toBeUndefined();
});
