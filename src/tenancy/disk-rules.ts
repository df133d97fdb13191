/** What a sandbox with running processes takes on the engine's disk. */
export interface DiskUse {
  readonly sandboxId: string;
  readonly tenant: string;
  readonly bytes: number;
  /** At the look before; undefined when none of its processes ran then, so that nobody is blamed for what another one wrote. */
  readonly before: number | undefined;
}

export interface DiskRules {
  readonly sandboxBytes: number;
  /** For all sandboxes of a tenant that are looked at. */
  readonly tenantBytes: (tenant: string) => number;
  /** What the engine's disk has left; undefined when nobody can tell. */
  readonly freeBytes: number | undefined;
  readonly leastFreeBytes: number;
}

/** How many times its bound a sandbox may have before nothing runs in it; its files can then be removed by the calls for files. */
const FAR = 4;

/**
 * The sandboxes whose processes have to end: those that have grown since the last look while they, their tenant or the disk are beyond their bounds. One
 * that does not grow is left alone, so that there is a way to remove files, unless it is far beyond: short programs could write between two looks.
 */
export function sandboxesToStop(uses: readonly DiskUse[], { sandboxBytes, tenantBytes, freeBytes, leastFreeBytes }: DiskRules): string[] {
  const ofTenant = Map.groupBy(uses, ({ tenant }) => tenant);
  const total = (tenant: string) => (ofTenant.get(tenant) ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  const isShort = freeBytes !== undefined && freeBytes < leastFreeBytes;
  const isBeyond = ({ tenant, bytes }: DiskUse) => isShort || bytes > sandboxBytes || total(tenant) > tenantBytes(tenant);
  const hasGrown = ({ bytes, before = bytes }: DiskUse) => bytes > before;
  const isFarBeyond = ({ bytes }: DiskUse) => bytes > sandboxBytes * FAR;
  return uses.filter((use) => isFarBeyond(use) || (hasGrown(use) && isBeyond(use))).map(({ sandboxId }) => sandboxId);
}
