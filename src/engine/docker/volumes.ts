import type Docker from 'dockerode';
import { CoracleError } from '../../errors.ts';
import type { ContainerEngine } from '../container-engine.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import type { SandboxDisk } from './disk/sandbox-disk.ts';
import { notThere, translate } from './errors.ts';
import { LABEL, volumeNames } from './labels.ts';

export interface VolumesOptions {
  readonly docker: Docker;
  readonly instance: string;
  readonly disk: SandboxDisk;
}

export function createVolumes({ docker, instance, disk }: VolumesOptions): Pick<ContainerEngine, 'listVolumes' | 'removeVolume'> {
  return {
    async listVolumes() {
      const listed = docker.listVolumes({ filters: { label: [`${LABEL.instance}=${instance}`] } });
      const { Volumes } = await withDeadline(listed, { ms: QUICK_MS, what: 'list volumes' }).catch((error) => {
        throw translate(error);
      });
      return [...new Set([...(Volumes ?? []).flatMap(({ Labels }) => Labels?.[LABEL.sandbox] ?? []), ...(await disk.list())])];
    },
    async removeVolume(sandboxId) {
      await refuseWhileUsed(docker, sandboxId);
      for (const { name } of volumeNames(sandboxId))
        await withDeadline(docker.getVolume(name).remove().catch(notThere), { ms: SLOW_MS, what: 'remove a volume' });
      await disk.remove(sandboxId);
    },
  };
}

/** The engine itself looks after its volumes only, and not after filesystems that are mounted for a sandbox. */
async function refuseWhileUsed(docker: Docker, sandboxId: string): Promise<void> {
  const listed = docker.listContainers({ all: true, filters: { label: [`${LABEL.sandbox}=${sandboxId}`] } });
  const containers = await withDeadline(listed, { ms: QUICK_MS, what: 'list the containers of a sandbox' }).catch((error) => {
    throw translate(error);
  });
  if (containers.length > 0) throw new CoracleError('ENGINE_REFUSED', 'A container has this volume. Remove the container first.');
}
