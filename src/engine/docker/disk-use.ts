import type Docker from 'dockerode';
import type { DiskUse } from '../container-engine.ts';
import { createVolumeCounter } from './count-volumes.ts';
import { least } from './disk/either-disk.ts';
import type { SandboxDisk } from './disk/sandbox-disk.ts';
import { volumeNames } from './labels.ts';

/** What sandboxes take: what is known of the place of their own where they have one; else their volumes are counted. */
export function createDiskUse(docker: Docker, disk: SandboxDisk): (sandboxIds: readonly string[]) => Promise<DiskUse> {
  const count = createVolumeCounter(docker);
  return async (sandboxIds) => {
    // One after the other: an engine counts for one at a time.
    const told = await disk.use(sandboxIds);
    const others = sandboxIds.filter((id) => !told.has(id));
    const counted = await count(new Map(others.map((id) => [id, volumeNames(id).map(({ name }) => name)])));
    return { bytes: new Map([...told, ...counted.bytes]), freeBytes: least(counted.freeBytes, await disk.freeBytes()) };
  };
}
