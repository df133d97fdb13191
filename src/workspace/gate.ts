import { CoracleError } from '../errors.ts';

export interface GateOptions {
  /** What may be inside at once, all together and of one tenant. */
  readonly all: number;
  readonly perTenant: number;
  /** How many of a tenant may wait. */
  readonly waiting: number;
}

/** Lets a bounded number in, first come first served among the tenants that have room. */
export interface Gate {
  /** Resolves with what to call, once, when it is over. Rejects with TENANT_LIMIT when too many wait, and with the signal's reason. */
  enter(tenant: string, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  readonly tenant: string;
  readonly admit: () => void;
}

export function createGate({ all, perTenant, waiting }: GateOptions): Gate {
  const inside: string[] = [];
  const queue: Waiting[] = [];

  const countOf = (tenants: readonly string[], tenant: string) => tenants.filter((each) => each === tenant).length;
  const hasRoom = (tenant: string) => inside.length < all && countOf(inside, tenant) < perTenant;

  function admitNext(): void {
    for (let next = nextOf(); next; next = nextOf()) {
      queue.splice(queue.indexOf(next), 1);
      inside.push(next.tenant);
      next.admit();
    }
  }

  function nextOf(): Waiting | undefined {
    return queue.find(({ tenant }) => hasRoom(tenant));
  }

  function leaving(tenant: string): () => void {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      inside.splice(inside.indexOf(tenant), 1);
      admitNext();
    };
  }

  return {
    async enter(tenant, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const self = { tenant, admit: resolve };
      const waits = queue.map((each) => each.tenant);
      if (!hasRoom(tenant) && countOf(waits, tenant) >= waiting)
        throw new CoracleError('TENANT_LIMIT', 'Too many calls on files, watches or terminals are under way. Try again when some have ended.');
      function giveUp(): void {
        const place = queue.indexOf(self);
        if (place < 0) return;
        queue.splice(place, 1);
        reject(signal.reason);
      }
      signal.addEventListener('abort', giveUp, { once: true });
      queue.push(self);
      admitNext();
      await promise.finally(() => signal.removeEventListener('abort', giveUp));
      return leaving(tenant);
    },
  };
}
