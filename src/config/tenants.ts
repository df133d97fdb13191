import { z } from 'zod';
import type { Overrides, RequestMaxima, TenantRules } from '../tenancy/limits.ts';

const MIB = 1024 * 1024;
const MOST = 2 ** 40;

/** A limit; null takes away the one that is said for all tenants. */
const limit = (schema: z.ZodNumber, unit = 1) =>
  schema
    .max(MOST)
    .nullable()
    .transform((value) => (value === null ? Number.POSITIVE_INFINITY : value * unit))
    .optional();

const maxima = z.strictObject({
  memory_mb: limit(z.int().min(16), MIB),
  cpus: limit(z.number().min(0.01)),
  pids: limit(z.int().min(8)),
  disk_mb: limit(z.int().min(1), MIB),
  output_bytes: limit(z.int().min(4_096)),
  timeout: limit(z.int().min(1)),
});

const tenant = z.strictObject({
  processes: limit(z.int().min(1)),
  queued: limit(z.int().min(0)),
  sandboxes: limit(z.int().min(1)),
  workspace_mb: limit(z.int().min(1), MIB),
  memory_mb: limit(z.int().min(16), MIB),
  cpus: limit(z.number().min(0.01)),
  requests_per_minute: limit(z.int().min(1)),
  retained_mb: limit(z.int().min(0), MIB),
  most: maxima.optional(),
});

const file = z.strictObject({
  defaults: tenant.default({}),
  tenants: z.record(z.string().regex(/^[\w.:@|-]{1,128}$/, 'is no name of a tenant'), tenant).default({}),
});

/** Reads a file of limits. Throws an Error that names every problem with its place. */
export function parseTenants(text: string): TenantRules {
  const parsed = file.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`\n${z.prettifyError(parsed.error)}`);
  const { defaults, tenants } = parsed.data;
  return { defaults: toOverrides(defaults), tenants: new Map(Object.entries(tenants).map(([name, limits]) => [name, toOverrides(limits)])) };
}

function toOverrides({ most, ...limits }: z.output<typeof tenant>): Overrides {
  return {
    ...said({
      processes: limits.processes,
      queued: limits.queued,
      sandboxes: limits.sandboxes,
      workspaceBytes: limits.workspace_mb,
      memoryBytes: limits.memory_mb,
      cpus: limits.cpus,
      requestsPerMinute: limits.requests_per_minute,
      retainedBytes: limits.retained_mb,
    }),
    ...(most ? { most: toMaxima(most) } : {}),
  };
}

function toMaxima(most: z.output<typeof maxima>): Partial<RequestMaxima> {
  return said({
    memoryBytes: most.memory_mb,
    cpus: most.cpus,
    pids: most.pids,
    diskBytes: most.disk_mb,
    outputBytes: most.output_bytes,
    timeoutSeconds: most.timeout,
  });
}

/** Without what was not said, which would else hide what is said for all. */
function said<T extends Record<string, number | undefined>>(limits: T): { [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: number };
}
