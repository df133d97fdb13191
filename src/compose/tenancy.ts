import { parseTenants } from '../config/tenants.ts';
import type { Log } from '../execution/log.ts';
import { reloadedFile } from '../reloaded-file.ts';
import { type LimitsOf, limitsOf, UNLIMITED } from '../tenancy/limits.ts';

export interface TenancyOptions {
  /** Of the file of limits; without one there are none. */
  readonly path: string | undefined;
  readonly log: Log;
  readonly closing: AbortSignal;
}

/** The limits of each tenant, as the file says now. Throws CONFIG_INVALID when it cannot be used. */
export function createLimits({ path, log, closing }: TenancyOptions): LimitsOf {
  if (path === undefined) return () => UNLIMITED;
  const onBadChange = (error: unknown) => log.error({ err: error, path }, 'the changed file of tenants cannot be used; the limits before stay in force');
  const rules = reloadedFile({ path, parse: parseTenants, onBadChange, closing });
  return (tenant) => limitsOf(rules(), tenant);
}
