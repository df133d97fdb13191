import type { FrameSlice, PlacedFrame } from '../output/output-store.ts';
import { recordAt, statusesOf } from '../process/history.ts';
import type { ProcessRecord } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';

/** How far a follower of a process has come: the statuses it was told, and the bytes of both streams. */
export interface Position {
  readonly statuses: number;
  readonly offset: number;
}

export type ProcessEvent = { readonly position: Position } & (
  | { readonly kind: 'status'; readonly record: ProcessRecord }
  | { readonly kind: 'output'; readonly frame: PlacedFrame }
  /** What was between the offsets is not kept any more. */
  | { readonly kind: 'dropped'; readonly offset: number; readonly nextOffset: number }
);

export interface Told {
  readonly events: readonly ProcessEvent[];
  readonly position: Position;
  /** The end of the process has been told, and so has everything before it. */
  readonly isFinal: boolean;
}

/** Pieces of one stream that came within so many milliseconds are told together. */
const TOGETHER_MS = 10;

/**
 * What to tell a follower next, given a record and a stretch of its output that was read after it. The order is the same for every follower, however often
 * it comes back: accepted, started, the whole output, and last how it ended.
 */
export function eventsAfter(position: Position, record: ProcessRecord, slice: FrameSlice): Told {
  const events: ProcessEvent[] = [];
  const statuses = statusesOf(record);
  const startsAt = position.offset < 0 ? slice.offset : Math.min(position.offset, slice.offset);
  let at = { ...position, offset: startsAt };
  function tellStatuses(until: number): void {
    for (const status of statuses.slice(at.statuses, until)) {
      at = { ...at, statuses: at.statuses + 1 };
      events.push({ kind: 'status', record: recordAt(record, status), position: at });
    }
  }

  const hasEnded = isTerminal(record.status);
  tellStatuses(hasEnded ? statuses.length - 1 : statuses.length);
  if (slice.offset > startsAt) {
    at = { ...at, offset: slice.offset };
    events.push({ kind: 'dropped', offset: startsAt, nextOffset: slice.offset, position: at });
  }
  for (const frame of joined(slice.frames)) {
    at = { ...at, offset: frame.offset + frame.data.length };
    events.push({ kind: 'output', frame, position: at });
  }
  at = { ...at, offset: slice.nextOffset };
  const isFinal = hasEnded && slice.nextOffset >= slice.totalBytes;
  if (isFinal) tellStatuses(statuses.length);
  return { events, position: at, isFinal };
}

function joined(frames: readonly PlacedFrame[]): readonly PlacedFrame[] {
  const runs: { first: PlacedFrame; parts: Uint8Array[] }[] = [];
  for (const frame of frames) {
    const run = runs.at(-1);
    if (run?.first.stream === frame.stream && frame.time - run.first.time < TOGETHER_MS) run.parts.push(frame.data);
    else runs.push({ first: frame, parts: [frame.data] });
  }
  return runs.map(({ first, parts }) => (parts.length === 1 ? first : { ...first, data: Buffer.concat(parts) }));
}
