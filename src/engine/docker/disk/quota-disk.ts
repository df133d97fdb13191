import { join } from 'node:path';
import type Docker from 'dockerode';
import { CoracleError } from '../../../errors.ts';
import type { Quota, QuotaWish } from '../../workspace-quota.ts';
import { QUICK_MS, withDeadline } from '../deadline.ts';
import { notThere } from '../errors.ts';
import { boundedVolumeName, volumeNames } from '../labels.ts';
import { chooseQuota } from './choose-quota.ts';
import { eitherDisk } from './either-disk.ts';
import { engineNeeds } from './engine-needs.ts';
import { createImageDisk } from './image-disk.ts';
import { needsOf } from './needs.ts';
import type { SandboxDisk } from './sandbox-disk.ts';
import { runTool } from './tools.ts';
import { createVolumeDisk } from './volume-disk.ts';
import { createWay } from './way.ts';

export interface QuotaDiskOptions {
  readonly docker: Docker;
  readonly instance: string;
  readonly dataDir: string;
  readonly wish: QuotaWish;
  /** Turns a language image's name into the engine's reference. */
  readonly imageReference: (image: string) => string;
}

export interface QuotaDisk extends SandboxDisk {
  /** What new sandboxes get. Asked of the machine and the engine until it is known, and then the same for ever. Rejects with ENGINE_UNAVAILABLE. */
  quota(): Promise<Quota>;
}

/** Places of fixed size for the sandboxes of an instance where they are wished for and can be had; those that are there are served in any case. */
export function createQuotaDisk({ docker, instance, dataDir, wish, imageReference }: QuotaDiskOptions): QuotaDisk {
  const places = { images: join(dataDir, 'workspaces', instance), mountRoot: join('/run/coracle', instance) };
  const tools = { run: runTool, makeWay: createWay(docker, places.mountRoot) };
  let known: Promise<Quota> | undefined;

  async function quota(): Promise<Quota> {
    known ??= chooseQuota(wish, { engine: engineNeeds({ docker, instance }), filesystem: needsOf({ ...places, ...tools, docker, instance }) });
    return known.catch((error) => {
      known = undefined;
      throw error;
    });
  }

  async function chosen(): Promise<'engine' | 'filesystem' | undefined> {
    const quotas = await quota();
    if (quotas.kind === 'hard') return quotas.by;
    if (wish === 'hard') throw new CoracleError('ENGINE_REFUSED', 'The server cannot give sandboxes the disk that it is configured to. Its log says why.');
    return undefined;
  }

  /** A sandbox from before has its files elsewhere, and keeps them. */
  const isWantedBy = (by: 'engine' | 'filesystem') => async (sandboxId: string) => (await chosen()) === by && !(await hasVolume(docker, sandboxId));
  const filesystems = createImageDisk({ ...places, ...tools, isWanted: isWantedBy('filesystem') });
  const volumes = createVolumeDisk({ docker, instance, imageReference, isWanted: isWantedBy('engine') });
  return { ...eitherDisk(filesystems, volumes), quota };
}

async function hasVolume(docker: Docker, sandboxId: string): Promise<boolean> {
  const names = [...volumeNames(sandboxId).map(({ name }) => name), boundedVolumeName(sandboxId)];
  const asked = names.map((name) => docker.getVolume(name).inspect().catch(notThere));
  const volumes = await withDeadline(Promise.all(asked), { ms: QUICK_MS, what: 'look for a volume' });
  return volumes.some((volume) => volume !== undefined);
}
