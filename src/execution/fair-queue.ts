import type { Demand } from '../tenancy/quota.ts';

export interface Waiting {
  readonly tenant: string;
  readonly sandbox: string;
  readonly id: string;
  readonly demand: Demand;
}

/** Whether one may go at all now; those behind it in its tenant's queue then come first. */
export type MayGo = (waiting: Waiting) => boolean;

/** Of a tenant's next process: lower comes first, and undefined says that it may not go now. */
export type Rank = (tenant: string, demand: Demand) => number | undefined;

/** Waiting processes: first in, first out within a tenant; between tenants by rank, and of the same rank in turn. */
export interface FairQueue {
  readonly size: number;
  sizeOf(tenant: string): number;
  push(waiting: Waiting): void;
  /** Takes the next one out that may go. */
  shift(rank: Rank, mayGo?: MayGo): Waiting | undefined;
  has(tenant: string, id: string): boolean;
  /** Says whether it was waiting. */
  remove(tenant: string, id: string): boolean;
}

export function createFairQueue(): FairQueue {
  // A Map keeps the order of insertion, so the first key is whose turn it is.
  const waiting = new Map<string, Map<string, Waiting>>();
  let size = 0;

  function take(tenant: string, id: string): boolean {
    const ofTenant = waiting.get(tenant);
    if (!ofTenant?.delete(id)) return false;
    size -= 1;
    if (ofTenant.size === 0) waiting.delete(tenant);
    return true;
  }

  function best(rank: Rank, mayGo: MayGo): Waiting | undefined {
    let first: { next: Waiting; rank: number } | undefined;
    for (const ofTenant of waiting.values()) {
      const next = headOf(ofTenant.values(), mayGo);
      const ranked = next && rank(next.tenant, next.demand);
      if (next && ranked !== undefined && ranked < (first?.rank ?? Number.POSITIVE_INFINITY)) first = { next, rank: ranked };
    }
    return first?.next;
  }

  return {
    get size() {
      return size;
    },
    sizeOf: (tenant) => waiting.get(tenant)?.size ?? 0,
    push(added) {
      const ofTenant = waiting.get(added.tenant) ?? new Map<string, Waiting>();
      if (!ofTenant.has(added.id)) size += 1;
      waiting.set(added.tenant, ofTenant.set(added.id, added));
    },
    shift(rank, mayGo = () => true) {
      const next = best(rank, mayGo);
      if (!next) return undefined;
      take(next.tenant, next.id);
      const rest = waiting.get(next.tenant);
      if (rest && waiting.delete(next.tenant)) waiting.set(next.tenant, rest);
      return next;
    },
    has: (tenant, id) => waiting.get(tenant)?.has(id) ?? false,
    remove: take,
  };
}

function headOf(those: Iterable<Waiting>, mayGo: MayGo): Waiting | undefined {
  for (const one of those) if (mayGo(one)) return one;
  return undefined;
}
