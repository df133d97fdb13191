import type Docker from 'dockerode';
import type { ContainerEngine } from '../container-engine.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import type { SandboxDisk } from './disk/sandbox-disk.ts';
import { notThere, translate } from './errors.ts';
import { refuseWhileUsed } from './in-use.ts';
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
