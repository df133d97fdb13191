import { createCompany } from '../tenancy/company.ts';
import { createGate } from '../tenancy/gate.ts';
import type { ContainerEngine } from './container-engine.ts';

export interface FairStartsOptions {
  readonly engine: ContainerEngine;
  /** Containers that may be made at once for a tenant while others have some made too. */
  readonly besideOthers: number;
}

/** For how long a tenant for which a container was made counts as one that comes again. */
const COMPANY_MS = 10_000;

/**
 * The same engine, whose time is shared between tenants. To make a container costs the host some hundred milliseconds of CPU outside of any container's
 * limit, so one tenant's short processes or calls on files, one after the other, would otherwise take what the others' need to begin. A tenant that is
 * alone is never held up.
 */
export function shareStarts({ engine, besideOthers }: FairStartsOptions): ContainerEngine {
  const company = createCompany(COMPANY_MS);
  const perTenant = (tenant: string) => (company.hasOther(tenant, Date.now()) ? besideOthers : Number.POSITIVE_INFINITY);
  const gate = createGate({ all: Number.POSITIVE_INFINITY, perTenant, waiting: Number.POSITIVE_INFINITY });
  return {
    ...engine,
    async prepare(spec, signal) {
      const { tenant } = spec.scope;
      company.note(tenant, Date.now());
      const leave = await gate.enter(tenant, signal);
      try {
        return await engine.prepare(spec, signal);
      } finally {
        leave();
      }
    },
  };
}
