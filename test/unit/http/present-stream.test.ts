import { expect, test } from 'vitest';
import type { ProcessEvent } from '../../../src/execution/process-events.ts';
import { createOutputMessages } from '../../../src/http/present-stream.ts';
import type { OutputStream } from '../../../src/output/output-store.ts';

const event = (stream: OutputStream, data: string | Uint8Array): ProcessEvent => ({
  kind: 'output',
  frame: { stream, data: Buffer.from(data as string), offset: 0, time: 0 },
  position: { statuses: 0, offset: 0 },
});
const short = (messages: readonly { type: string; data: string }[]) => messages.map(({ type, data }) => `${type} ${data}`);

test('neighbours of one stream are one message', () => {
  expect(short(createOutputMessages()([event('stdout', 'a'), event('stdout', 'b'), event('stderr', 'c'), event('stdout', 'd')]))).toEqual([
    'stdout ab',
    'stderr c',
    'stdout d',
  ]);
});

test('a batch of many turns is one message for each stream', () => {
  const events = Array.from({ length: 1_000 }, (_, index) => event(index % 2 ? 'stderr' : 'stdout', index % 2 ? 'e' : 'o'));
  expect(short(createOutputMessages()(events))).toEqual([`stdout ${'o'.repeat(500)}`, `stderr ${'e'.repeat(500)}`]);
});

test('a character that is cut comes whole, on each stream, and one that is never finished at the end', () => {
  const tell = createOutputMessages();
  const euro = Buffer.from('€');
  expect(short(tell([event('stdout', euro.subarray(0, 1)), event('stderr', euro.subarray(0, 2))]))).toEqual([]);
  expect(short(tell([event('stdout', euro.subarray(1))]))).toEqual(['stdout €']);
  expect(short(tell.end())).toEqual(['stderr \ufffd']);
});
