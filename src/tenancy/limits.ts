/** What a tenant may have at once, over all its sandboxes; Infinity where there is no limit. */
export interface TenantLimits {
  /** Processes that run. */
  readonly processes: number;
  /** Processes that wait, beyond those that may run. */
  readonly queued: number;
  readonly sandboxes: number;
  /** Bytes in all its workspaces together. */
  readonly workspaceBytes: number;
  /** Of its running processes, as they are limited to, not as they use it. */
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly requestsPerMinute: number;
  /** Bytes on disk of the output of its ended processes; the oldest go first. */
  readonly retainedBytes: number;
  readonly most: RequestMaxima;
}

/** Most that one request may ask for; what asks for more gets this much, and its answer says so. Infinity where only the server's own maximum counts. */
export interface RequestMaxima {
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly diskBytes: number;
  readonly outputBytes: number;
  readonly timeoutSeconds: number;
}

export type Overrides = Partial<Omit<TenantLimits, 'most'>> & { readonly most?: Partial<RequestMaxima> };

/** What is said for all tenants, and for some of them. */
export interface TenantRules {
  readonly defaults: Overrides;
  readonly tenants: ReadonlyMap<string, Overrides>;
}

const NO_MAXIMA: RequestMaxima = {
  memoryBytes: Number.POSITIVE_INFINITY,
  cpus: Number.POSITIVE_INFINITY,
  pids: Number.POSITIVE_INFINITY,
  diskBytes: Number.POSITIVE_INFINITY,
  outputBytes: Number.POSITIVE_INFINITY,
  timeoutSeconds: Number.POSITIVE_INFINITY,
};

export const UNLIMITED: TenantLimits = {
  processes: Number.POSITIVE_INFINITY,
  queued: Number.POSITIVE_INFINITY,
  sandboxes: Number.POSITIVE_INFINITY,
  workspaceBytes: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
  cpus: Number.POSITIVE_INFINITY,
  requestsPerMinute: Number.POSITIVE_INFINITY,
  retainedBytes: Number.POSITIVE_INFINITY,
  most: NO_MAXIMA,
};

/** Answers what is in force now: rules may change while the server runs. */
export type LimitsOf = (tenant: string) => TenantLimits;

/** What is said of the tenant comes before what is said for all, limit by limit. */
export function limitsOf({ defaults, tenants }: TenantRules, tenant: string): TenantLimits {
  const own = tenants.get(tenant) ?? {};
  return { ...UNLIMITED, ...defaults, ...own, most: { ...NO_MAXIMA, ...defaults.most, ...own.most } };
}
