import { chunksOf } from './chunks.ts';
import { ConnectionError } from './errors.ts';
import { parseEventStream, type StreamEvent } from './event-stream.ts';
import { backOff, pause } from './pause.ts';
import { type CallOptions, isPassing, type Transport } from './transport.ts';

/** The server sends a comment every 15 s: silence for three times as long is a connection that nobody holds any more. */
const SILENCE_MS = 45_000;

export interface EventSource extends CallOptions {
  readonly path: string;
  readonly offset?: number | undefined;
  /** The event after which to go on. */
  readonly lastEventId?: string | undefined;
  /** Whether nothing comes after an event. */
  readonly isLast: (event: StreamEvent) => boolean;
}

/** How far a follower has come, over all its connections. */
interface Place {
  lastEventId: string | undefined;
  /** When the server last showed that it is there, in milliseconds since 1970. */
  heardAt: number;
  /** Connections in a row that came to nothing. */
  failures: number;
  isOver: boolean;
}

/**
 * The events of a path, each once and in order, over as many connections as it takes. Rejects with ApiError for what no new connection mends, and
 * with ConnectionError when the server has been away for longer than the transport's patience.
 */
export async function* followEvents(transport: Transport, source: EventSource): AsyncGenerator<StreamEvent> {
  const { lastEventId, signal } = source;
  const place: Place = { lastEventId, heardAt: Date.now(), failures: 0, isOver: false };
  while (!place.isOver) {
    try {
      yield* eventsOfOneConnection(transport, source, place);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error) || Date.now() - place.heardAt > transport.patienceMs) throw error;
    }
    if (!place.isOver) await pause(backOff(place.failures), signal);
    place.failures += 1;
  }
}

async function* eventsOfOneConnection(transport: Transport, source: EventSource, place: Place): AsyncGenerator<StreamEvent> {
  const connection = await connect(transport, { ...source, lastEventId: place.lastEventId });
  place.heardAt = Date.now();
  place.isOver = connection === undefined;
  for await (const event of connection ?? []) {
    place.heardAt = Date.now();
    place.failures = 0;
    place.lastEventId = event.id || place.lastEventId;
    place.isOver = source.isLast(event);
    yield event;
    if (place.isOver) return;
  }
}

/** Undefined: there is nothing after the last event. */
async function connect(transport: Transport, { path, offset, lastEventId, signal }: EventSource): Promise<AsyncIterable<StreamEvent> | undefined> {
  const silence = new AbortController();
  const response = await transport.open({
    method: 'GET',
    path,
    query: { offset },
    headers: { Accept: 'text/event-stream', ...(lastEventId ? { 'Last-Event-ID': lastEventId } : {}) },
    signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    isRepeatable: false,
  });
  return response.body ? parseEventStream(piecesOf(response.body, silence)) : undefined;
}

/** What comes over a connection, until it ends, breaks or falls silent. */
async function* piecesOf(body: ReadableStream<Uint8Array>, silence: AbortController): AsyncGenerator<Uint8Array> {
  const listen = () => setTimeout(() => silence.abort(), SILENCE_MS);
  let timer = listen();
  try {
    for await (const piece of chunksOf(body)) {
      clearTimeout(timer);
      yield piece;
      timer = listen();
    }
  } catch (error) {
    throw new ConnectionError('The connection to the server broke while events came over it.', error);
  } finally {
    clearTimeout(timer);
  }
}
