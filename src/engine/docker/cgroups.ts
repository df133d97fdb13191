import { createHash } from 'node:crypto';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What makes the engine's cgroups; null where containers cannot be put into one of ours, because the engine is not root or makes none. */
export type CgroupDriver = 'cgroupfs' | 'systemd' | null;

/** Of the engine's info call, as far as it tells. */
export interface CgroupInfo {
  readonly CgroupDriver?: string;
  readonly SecurityOptions?: readonly string[] | null;
}

/** Of the cgroup that holds the tenants'. */
const ROOT = 'coracle';

export function cgroupDriverOf({ CgroupDriver, SecurityOptions }: CgroupInfo): CgroupDriver {
  const isRootless = (SecurityOptions ?? []).some((option) => option.split(',').includes('name=rootless'));
  return !isRootless && (CgroupDriver === 'cgroupfs' || CgroupDriver === 'systemd') ? CgroupDriver : null;
}

/**
 * The cgroup that the containers of one tenant share: between those of several, the kernel divides the CPUs by tenant and not by container. Nothing of the
 * tenant's text is in its name. The engine makes it with the first container; systemd removes it with the last, and of cgroupfs `removeEmptyCgroups` does.
 */
export function cgroupOf(driver: Exclude<CgroupDriver, null>, instance: string, tenant: string): string {
  const name = createHash('sha256').update(`${instance}\0${tenant}`).digest('hex').slice(0, 24);
  return driver === 'systemd' ? `${ROOT}-${name}.slice` : `/${ROOT}/${name}`;
}

/**
 * Removes the tenants' cgroups that have no container now, as far as this process may: as root on the engine's host. The kernel refuses for one that has,
 * and the engine makes it anew. `mount` holds the tree of cgroup v2, or one for each controller of v1.
 */
export async function removeEmptyCgroups(mount = '/sys/fs/cgroup'): Promise<void> {
  for (const tree of ['', ...(await foldersIn(mount))]) {
    const root = join(mount, tree, ROOT);
    for (const tenant of await foldersIn(root)) await rmdir(join(root, tenant)).catch(() => undefined);
  }
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
