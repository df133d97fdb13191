import type { z } from 'zod';
import type { droppedEvent, outputEvent, statusEvent } from '../http/schemas/events.ts';
import { fromBase64 } from './base64.ts';
import type { StreamEvent } from './event-stream.ts';
import { pathOf } from './paths.ts';
import { followEvents } from './reconnect.ts';
import type { CallOptions, Transport } from './transport.ts';

export type ProcessState = z.output<typeof statusEvent>;
type WireOutput = z.output<typeof outputEvent>;

/** A piece of what a process printed. */
export interface OutputChunk extends Omit<WireOutput, 'data' | 'encoding'> {
  readonly data: Uint8Array;
}

/** `id` is what `lastEventId` takes. */
export type ProcessEvent = { readonly id: string } & (
  | { readonly type: 'status'; readonly process: ProcessState }
  | ({ readonly type: 'output' } & OutputChunk)
  | ({ readonly type: 'dropped' } & z.output<typeof droppedEvent>)
);

export interface FollowOptions extends CallOptions {
  /** Goes on right after this event; goes before `offset`. */
  readonly lastEventId?: string | undefined;
}

export interface EventsOptions extends FollowOptions {
  /** First byte of the output of both streams together that is wanted; 0 by default, negative counts from the end. */
  readonly offset?: number | undefined;
}

export interface OutputOptions extends CallOptions, Pick<EventsOptions, 'offset'> {
  /** Both, in their order, when not given. */
  readonly stream?: 'stdout' | 'stderr';
}

/** What is followed live. Each goes on by itself where it was when a connection breaks or the server restarts, without losing or doubling anything. */
export interface Following {
  /** Status changes and output, from the beginning, live until the process has ended; the last event is the status in which it did. */
  events(id: string, options?: EventsOptions): AsyncIterableIterator<ProcessEvent>;
  /** The output, exact to the byte, live until the process has ended. A step in the offsets is a stretch that the output limit has dropped. */
  output(id: string, options?: OutputOptions): AsyncIterableIterator<OutputChunk>;
  /** The status changes of all processes of the sandbox. It does not end by itself. */
  watch(options?: FollowOptions): AsyncIterableIterator<{ readonly id: string; readonly process: ProcessState }>;
}

export function createFollowing(transport: Transport): Following {
  async function* events(id: string, options: EventsOptions = {}): AsyncGenerator<ProcessEvent> {
    const source = { ...options, path: `${pathOf(id)}/events`, isLast };
    for await (const event of followEvents(transport, source)) {
      const known = presentEvent(event);
      if (known) yield known;
    }
  }

  async function* output(id: string, { stream, ...options }: OutputOptions = {}): AsyncGenerator<OutputChunk> {
    for await (const event of events(id, options)) {
      if (event.type !== 'output' || (stream !== undefined && event.stream !== stream)) continue;
      const { type: _type, id: _id, ...chunk } = event;
      yield chunk;
    }
  }

  async function* watch(options: FollowOptions = {}): AsyncGenerator<{ id: string; process: ProcessState }> {
    for await (const { id, event, data } of followEvents(transport, { ...options, path: '/execute/events', isLast: () => false })) {
      if (event === 'status') yield { id, process: JSON.parse(data) };
    }
  }

  return { events, output, watch };
}

/** Events that a later server may send besides are passed over. */
function presentEvent({ id, event, data }: StreamEvent): ProcessEvent | undefined {
  switch (event) {
    case 'status':
      return { id, type: 'status', process: JSON.parse(data) };
    case 'output':
      return { id, type: 'output', ...decode(JSON.parse(data)) };
    case 'dropped':
      return { id, type: 'dropped', ...JSON.parse(data) };
    default:
      return undefined;
  }
}

function decode({ data, encoding, ...rest }: WireOutput): OutputChunk {
  return { ...rest, data: encoding === 'base64' ? fromBase64(data) : new TextEncoder().encode(data) };
}

function isLast({ event, data }: StreamEvent): boolean {
  if (event !== 'status') return false;
  const { status } = JSON.parse(data) as ProcessState;
  return status !== 'queued' && status !== 'running';
}
