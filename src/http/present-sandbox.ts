import type { ContainerLimits } from '../process/limits.ts';
import { expiryOf } from '../sandbox/lifetime.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

export interface SandboxView {
  readonly sandbox: Sandbox;
  readonly publicHost: string;
  /** The server's, where the sandbox has none of its own. */
  readonly limits: ContainerLimits;
  /** Size of the disk that all workspaces share, in bytes. */
  readonly diskBytes: number;
  /** Whether sandboxes that wish for it have a network. */
  readonly offersInternet: boolean;
}

const MIB = 1024 * 1024;

/** A sandbox's names on the wire. Ids and times are sent under each name that some client reads. */
export function presentSandbox({ sandbox, publicHost, limits, diskBytes, offersInternet }: SandboxView) {
  const created = new Date(sandbox.createdAt).toISOString();
  const expiry = expiryOf(sandbox, Date.now());
  const expires = expiry === null ? null : new Date(expiry).toISOString();
  const { cpus, memoryBytes } = { ...limits, ...sandbox.limits };
  return {
    id: sandbox.id,
    sandbox_id: sandbox.id,
    name: sandbox.scope.sandbox,
    status: sandbox.pausedAt === null ? ('running' as const) : ('paused' as const),
    public_host: publicHost,
    direct_url: publicHost,
    template_id: sandbox.template,
    template_name: sandbox.template,
    region: sandbox.region,
    // What it has, whatever was wished for.
    internet_access: sandbox.internetAccess && offersInternet,
    resources: { vcpu: cpus, memory_mb: Math.floor(memoryBytes / MIB), disk_mb: Math.floor(diskBytes / MIB) },
    timeout_seconds: sandbox.timeoutSeconds,
    created_at: created,
    started_at: created,
    expires_at: expires,
    end_at: expires,
  };
}
