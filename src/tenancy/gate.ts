import { CoracleError } from '../errors.ts';

export interface GateOptions {
  /** What may be inside at once, all together. */
  readonly all: number;
  /** And of one tenant; asked whenever somebody comes or leaves. */
  readonly perTenant: (tenant: string) => number;
  /** How many of a tenant may wait. */
  readonly waiting: number;
}

/** Lets a bounded number in: of the tenants that have room the one with fewest inside, of equals in turn; first come, first served within a tenant. */
export interface Gate {
  /** Resolves with what to call, once, when it is over. Rejects with TENANT_LIMIT when too many wait, and with the signal's reason. */
  enter(tenant: string, signal: AbortSignal): Promise<() => void>;
}

interface Lane {
  readonly tenant: string;
  inside: number;
  /** Each lets one in. */
  readonly queue: (() => void)[];
}

export function createGate({ all, perTenant, waiting }: GateOptions): Gate {
  // A Map keeps the order of insertion: whose turn was last is last.
  const lanes = new Map<string, Lane>();
  let inside = 0;

  const hasRoom = (lane: Lane) => inside < all && lane.inside < perTenant(lane.tenant);

  function nextOf(): Lane | undefined {
    const those = [...lanes.values()].filter((lane) => lane.queue.length > 0 && hasRoom(lane));
    return those.reduce<Lane | undefined>((first, lane) => (first && first.inside <= lane.inside ? first : lane), undefined);
  }

  function admitNext(): void {
    for (let lane = nextOf(); lane; lane = nextOf()) {
      lanes.delete(lane.tenant);
      lanes.set(lane.tenant, lane);
      lane.inside += 1;
      inside += 1;
      lane.queue.shift()?.();
    }
  }

  function forget(lane: Lane): void {
    if (lane.inside === 0 && lane.queue.length === 0) lanes.delete(lane.tenant);
  }

  function leaving(lane: Lane): () => void {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      lane.inside -= 1;
      inside -= 1;
      forget(lane);
      admitNext();
    };
  }

  return {
    async enter(tenant, signal) {
      signal.throwIfAborted();
      const { promise, resolve: admit, reject } = Promise.withResolvers<void>();
      const lane = lanes.get(tenant) ?? { tenant, inside: 0, queue: [] };
      if (!hasRoom(lane) && lane.queue.length >= waiting)
        throw new CoracleError('TENANT_LIMIT', 'Too many calls of this kind are under way. Try again when some have ended.');
      function giveUp(): void {
        const place = lane.queue.indexOf(admit);
        if (place < 0) return;
        lane.queue.splice(place, 1);
        forget(lane);
        reject(signal.reason);
      }
      signal.addEventListener('abort', giveUp, { once: true });
      lanes.set(tenant, lane);
      lane.queue.push(admit);
      admitNext();
      await promise.finally(() => signal.removeEventListener('abort', giveUp));
      return leaving(lane);
    },
  };
}
