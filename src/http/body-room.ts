import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';

/** Memory for large bodies, shared by everybody. */
export interface BodyRoom {
  /** For routes with large bodies: waits until there is room for the body, and gives it back when the answer is over. */
  readonly onRequest: onRequestAsyncHookHandler;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** A body that does not say its length, or a larger one than there is room at all, takes all the room. */
export function createBodyRoom(mostBytes: number): BodyRoom {
  const queue: Waiting[] = [];
  let free = mostBytes;

  function admitNext(): void {
    for (let next = queue[0]; next && next.bytes <= free; next = queue[0]) {
      queue.shift();
      free -= next.bytes;
      next.admit();
    }
  }

  async function enter(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { bytes: Math.min(mostBytes, lengthOf(request) ?? mostBytes), admit: resolve };
    reply.raw.once('close', () => {
      const place = queue.indexOf(waiting);
      if (place >= 0) queue.splice(place, 1);
      else free += waiting.bytes;
      resolve();
      admitNext();
    });
    queue.push(waiting);
    admitNext();
    await promise;
  }

  return { onRequest: enter };
}

function lengthOf({ headers }: FastifyRequest): number | undefined {
  const length = Number(headers['content-length']);
  return Number.isSafeInteger(length) && headers['content-length'] !== undefined ? length : undefined;
}
