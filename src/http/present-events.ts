import { isUtf8 } from 'node:buffer';
import type { Position, ProcessEvent } from '../execution/process-events.ts';
import type { PlacedFrame } from '../output/output-store.ts';
import type { StatusChange } from '../process/status-log.ts';
import { presentRecord } from './present.ts';
import type { WireOutputEvent } from './schemas/events.ts';
import type { ServerSentEvent } from './sse.ts';
import { textPieces } from './text-pieces.ts';

export function presentEvent(told: ProcessEvent): readonly ServerSentEvent[] {
  switch (told.kind) {
    case 'status':
      return [{ event: 'status', id: eventId(told.position), data: presentRecord(told.record) }];
    case 'dropped':
      return [{ event: 'dropped', id: eventId(told.position), data: { offset: told.offset, next_offset: told.nextOffset } }];
    case 'output':
      return presentFrame(told.frame, told.position);
  }
}

export function presentChange({ seq, record }: StatusChange): ServerSentEvent {
  return { event: 'status', id: String(seq), data: presentRecord(record) };
}

/** Each piece is an event of its own, with a place to come back to. */
function presentFrame({ stream, offset, time, data }: PlacedFrame, { statuses }: Position): readonly ServerSentEvent[] {
  let at = offset;
  return textPieces(data).map((piece) => {
    const base = { stream, offset: at, time: new Date(time).toISOString() };
    at += piece.length;
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const wire: WireOutputEvent = isUtf8(piece) ? { ...base, data: bytes.toString('utf8') } : { ...base, data: bytes.toString('base64'), encoding: 'base64' };
    return { event: 'output', id: eventId({ statuses, offset: at }), data: wire };
  });
}

/** Where a follower goes on who has this event. */
function eventId({ statuses, offset }: Position): string {
  return `${offset}.${statuses}`;
}

/** Undefined for what is no id of an event of a process. */
export function parseEventId(id: string): Position | undefined {
  const [, offset, statuses] = /^(\d{1,15})\.([0-3])$/.exec(id) ?? [];
  return offset === undefined ? undefined : { offset: Number(offset), statuses: Number(statuses) };
}
