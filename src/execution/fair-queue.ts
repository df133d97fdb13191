/** Waiting processes: first in, first out within a tenant, and tenants in turn. */
export interface FairQueue {
  readonly size: number;
  push(tenant: string, id: string): void;
  /** Takes the next one out. */
  shift(): string | undefined;
  has(tenant: string, id: string): boolean;
  /** Says whether it was waiting. */
  remove(tenant: string, id: string): boolean;
}

export function createFairQueue(): FairQueue {
  // A Map and a Set keep the order of insertion, so the first key is whose turn it is.
  const waiting = new Map<string, Set<string>>();
  let size = 0;

  function take(tenant: string, ids: Set<string>, id: string): boolean {
    if (!ids.delete(id)) return false;
    size -= 1;
    if (ids.size === 0) waiting.delete(tenant);
    return true;
  }

  return {
    get size() {
      return size;
    },
    push(tenant, id) {
      const ids = waiting.get(tenant) ?? new Set();
      waiting.set(tenant, ids.add(id));
      size += 1;
    },
    shift() {
      for (const [tenant, ids] of waiting) {
        for (const id of ids) {
          take(tenant, ids, id);
          if (waiting.delete(tenant)) waiting.set(tenant, ids);
          return id;
        }
      }
      return undefined;
    },
    has: (tenant, id) => waiting.get(tenant)?.has(id) ?? false,
    remove(tenant, id) {
      const ids = waiting.get(tenant);
      return ids !== undefined && take(tenant, ids, id);
    },
  };
}
