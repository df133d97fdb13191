import { expect, it } from 'vitest';
import { parseEventStream, type StreamEvent } from '../../../src/client/event-stream.ts';

async function eventsIn(text: string, pieceBytes: number): Promise<StreamEvent[]> {
  const bytes = new TextEncoder().encode(text);
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  const events: StreamEvent[] = [];
  for await (const event of parseEventStream(body())) events.push(event);
  return events;
}

const CASES: readonly (readonly [string, StreamEvent[]])[] = [
  ['', []],
  ['data: a\n\n', [{ id: '', event: 'message', data: 'a' }]],
  ['id: 7\nevent: output\ndata: {"a":1}\n\n', [{ id: '7', event: 'output', data: '{"a":1}' }]],
  ['data:a\r\ndata: b\r\n\r\n', [{ id: '', event: 'message', data: 'a\nb' }]],
  [
    'data: a\rid: 1\r\rdata: b\r\r',
    [
      { id: '1', event: 'message', data: 'a' },
      { id: '1', event: 'message', data: 'b' },
    ],
  ],
  [': comment\n\n\nevent: lonely\n\ndata\n\n', [{ id: '', event: 'message', data: '' }]],
  ['id: 1\ndata: whole\n\nid: 2\ndata: cut off', [{ id: '1', event: 'message', data: 'whole' }]],
  ['data: €uro 🎉\nretry: 10\nunknown: x\n\n', [{ id: '', event: 'message', data: '€uro 🎉' }]],
  ['data:  two spaces\n\n', [{ id: '', event: 'message', data: ' two spaces' }]],
];

it.each(CASES)('%j is split into its events, however it arrives', async (text, events) => {
  for (const pieceBytes of [1, 2, 3, 7, 1_000]) expect(await eventsIn(text, pieceBytes)).toEqual(events);
});
