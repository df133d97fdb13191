import { SANDBOX_UIDS, type Sandbox } from '../../sandbox/sandbox.ts';
import { numberOrNull, type Row, text } from './process-rows.ts';

/** A user id is free again when its sandbox is gone; the lowest free one is taken. */
export const LOWEST_FREE_UID = `
  SELECT MIN(candidate) AS uid FROM (
    SELECT ${SANDBOX_UIDS.first} AS candidate
    UNION ALL SELECT uid + 1 FROM sandboxes
  ) WHERE candidate <= ${SANDBOX_UIDS.last} AND candidate NOT IN (SELECT uid FROM sandboxes)`;

export const SANDBOX_COLUMNS = [
  'id',
  'tenant',
  'name',
  'uid',
  'template',
  'region',
  'env',
  'internet_access',
  'memory_bytes',
  'cpus',
  'timeout_seconds',
  'created_at',
  'expires_at',
  'paused_at',
  'pauses',
] as const;

type SandboxRow = Record<(typeof SANDBOX_COLUMNS)[number], string | number | null>;

export function toSandboxRow(sandbox: Sandbox): SandboxRow {
  const { scope, limits } = sandbox;
  return {
    id: sandbox.id,
    tenant: scope.tenant,
    name: scope.sandbox,
    uid: sandbox.uid,
    template: sandbox.template,
    region: sandbox.region,
    env: JSON.stringify(sandbox.env),
    internet_access: sandbox.internetAccess ? 1 : 0,
    memory_bytes: limits.memoryBytes ?? null,
    cpus: limits.cpus ?? null,
    timeout_seconds: sandbox.timeoutSeconds,
    created_at: sandbox.createdAt,
    expires_at: sandbox.expiresAt,
    paused_at: sandbox.pausedAt,
    pauses: JSON.stringify(sandbox.pauses),
  };
}

export function fromSandboxRow(row: Row): Sandbox {
  const memoryBytes = numberOrNull(row['memory_bytes']);
  const cpus = numberOrNull(row['cpus']);
  return {
    scope: { tenant: text(row['tenant']), sandbox: text(row['name']) },
    id: text(row['id']),
    uid: Number(row['uid']),
    template: text(row['template']),
    region: text(row['region']),
    env: JSON.parse(text(row['env'])),
    internetAccess: row['internet_access'] === 1,
    limits: { ...(memoryBytes === null ? {} : { memoryBytes }), ...(cpus === null ? {} : { cpus }) },
    timeoutSeconds: numberOrNull(row['timeout_seconds']),
    createdAt: Number(row['created_at']),
    expiresAt: numberOrNull(row['expires_at']),
    pausedAt: numberOrNull(row['paused_at']),
    pauses: JSON.parse(text(row['pauses'])),
  };
}
