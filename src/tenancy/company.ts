/** Who has been here lately: shares are only kept free for tenants that come. */
export interface Company {
  note(tenant: string, now: number): void;
  /** Whether somebody else was here within the time that counts. */
  hasOther(tenant: string, now: number): boolean;
}

export function createCompany(withinMs: number): Company {
  const lastAt = new Map<string, number>();
  return {
    note: (tenant, now) => void lastAt.set(tenant, now),
    hasOther(tenant, now) {
      for (const [other, at] of lastAt) {
        if (other === tenant) continue;
        if (now - at < withinMs) return true;
        lastAt.delete(other);
      }
      return false;
    },
  };
}
