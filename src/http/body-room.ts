import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';

/** Memory for what calls hold whole, bodies and texts; one tenant's slow calls keep others from none of their own share. */
export interface BodyRoom {
  /** For routes with large bodies: waits until there is room for the body, and gives it back when the answer is over. */
  readonly onRequest: onRequestAsyncHookHandler;
  /** Waits until there is room for so many bytes more, and gives it back when the answer is over. */
  take(request: FastifyRequest, reply: FastifyReply, bytes: number): Promise<void>;
}

export interface BodyRoomOptions {
  /** Bytes, over all tenants. */
  readonly most: number;
  /** Bytes of one tenant; what is larger counts as this much. */
  readonly mostOfTenant: number;
}

interface Waiting {
  readonly tenant: string;
  readonly bytes: number;
  readonly admit: () => void;
}

export function createBodyRoom({ most, mostOfTenant }: BodyRoomOptions): BodyRoom {
  const queue: Waiting[] = [];
  const taken = new Map<string, number>();

  const takenBy = (tenant: string) => taken.get(tenant) ?? 0;
  const takenByAll = () => [...taken.values()].reduce((sum, bytes) => sum + bytes, 0);

  function change(tenant: string, bytes: number): void {
    const left = takenBy(tenant) + bytes;
    if (left > 0) taken.set(tenant, left);
    else taken.delete(tenant);
  }

  /** In their order; a tenant that has no share left is passed over, one that waits for room of all lets nobody past. */
  function admitNext(): void {
    for (let index = 0; index < queue.length; ) {
      const { tenant, bytes, admit } = queue[index] as Waiting;
      if (takenBy(tenant) + bytes > mostOfTenant) index += 1;
      else if (takenByAll() + bytes > most) return;
      else {
        queue.splice(index, 1);
        change(tenant, bytes);
        admit();
      }
    }
  }

  async function take({ caller: { tenant } }: FastifyRequest, reply: FastifyReply, wanted: number): Promise<void> {
    // Whoever has left would never give anything back.
    if (reply.raw.closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { tenant, bytes: Math.min(mostOfTenant, wanted), admit: resolve };
    reply.raw.once('close', () => {
      const place = queue.indexOf(waiting);
      if (place >= 0) queue.splice(place, 1);
      else change(tenant, -waiting.bytes);
      resolve();
      admitNext();
    });
    queue.push(waiting);
    admitNext();
    await promise;
  }

  return { take, onRequest: (request, reply) => take(request, reply, lengthOf(request) ?? mostOfTenant) };
}

function lengthOf({ headers }: FastifyRequest): number | undefined {
  const length = Number(headers['content-length']);
  return Number.isSafeInteger(length) && headers['content-length'] !== undefined ? length : undefined;
}
