import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** One server-sent event. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface ServerSentEvent {
  readonly event: string;
  /** Comes back as Last-Event-ID when the client connects again. Without line breaks. */
  readonly id: string;
  readonly data: object;
}

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // How nginx is told to pass on what comes as it comes.
  'X-Accel-Buffering': 'no',
} as const;
/** A comment, so that proxies and clients see that the connection lives. */
const HEARTBEAT = ': \n\n';
/** How soon a client whose connection broke should come back, in milliseconds. */
const RETRY = 'retry: 1000\n\n';
/** After each batch a stream pauses for this long times the number of open streams, so that together they leave the server most of its time. */
const PAUSE_MS_PER_STREAM = 0.1;
/** Shorter pauses than this are none. */
const SHORTEST_PAUSE_MS = 1;

export interface EventStreamOptions {
  /** A reader that takes nothing for so long is cut off; it can come back to where it was. */
  readonly stalledMs: number;
}

export interface EventStreams {
  /** Sends batches as they come, an empty one as a heartbeat. It pulls: the next batch is asked for when the connection has taken the one before. */
  send(reply: FastifyReply, batches: AsyncIterable<readonly ServerSentEvent[]>): never;
}

export function createEventStreams({ stalledMs }: EventStreamOptions): EventStreams {
  let open = 0;

  async function* textOf(reply: FastifyReply, batches: AsyncIterable<readonly ServerSentEvent[]>): AsyncGenerator<string> {
    open += 1;
    try {
      yield RETRY;
      for await (const batch of batches) {
        const stalled = setTimeout(() => reply.raw.destroy(), stalledMs);
        try {
          yield batch.length === 0 ? HEARTBEAT : batch.map(encode).join('');
        } finally {
          clearTimeout(stalled);
        }
        const pause = open * PAUSE_MS_PER_STREAM;
        if (pause >= SHORTEST_PAUSE_MS) await sleep(pause);
      }
    } finally {
      open -= 1;
    }
  }

  return {
    send(reply, batches) {
      reply.headers(HEADERS);
      return reply.send(Readable.from(textOf(reply, batches), { objectMode: false, highWaterMark: 1 })) as never;
    },
  };
}

function encode({ event, id, data }: ServerSentEvent): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
