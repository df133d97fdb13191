import { join } from 'node:path';
import type Docker from 'dockerode';
import { CoracleError } from '../../../errors.ts';
import type { Quota, QuotaWish } from '../../workspace-quota.ts';
import { QUICK_MS, withDeadline } from '../deadline.ts';
import { notThere } from '../errors.ts';
import { volumeNames } from '../labels.ts';
import { chooseQuota } from './choose-quota.ts';
import { createImageDisk } from './image-disk.ts';
import { needsOf } from './needs.ts';
import type { SandboxDisk } from './sandbox-disk.ts';
import { runTool } from './tools.ts';

export interface QuotaDiskOptions {
  readonly docker: Docker;
  readonly instance: string;
  readonly dataDir: string;
  readonly wish: QuotaWish;
}

export interface QuotaDisk extends SandboxDisk {
  /** What new sandboxes get. Asked of the machine and the engine until it is known, and then the same for ever. Rejects with ENGINE_UNAVAILABLE. */
  quota(): Promise<Quota>;
}

/** Filesystems for the sandboxes of an instance where they are wished for and can be had; those that are there are served in any case. */
export function createQuotaDisk({ docker, instance, dataDir, wish }: QuotaDiskOptions): QuotaDisk {
  const places = { images: join(dataDir, 'workspaces', instance), mountRoot: join('/run/coracle', instance) };
  let known: Promise<Quota> | undefined;

  async function quota(): Promise<Quota> {
    known ??= chooseQuota(wish, needsOf({ ...places, docker, instance, run: runTool }));
    return known.catch((error) => {
      known = undefined;
      throw error;
    });
  }

  async function isWanted(sandboxId: string): Promise<boolean> {
    const chosen = await quota();
    if (chosen.kind === 'accounting') {
      if (wish === 'hard') throw new CoracleError('ENGINE_REFUSED', 'The server cannot give sandboxes the disk that it is configured to. Its log says why.');
      return false;
    }
    return !(await hasPlainVolume(docker, sandboxId));
  }

  return { ...createImageDisk({ ...places, run: runTool, isWanted }), quota };
}

/** A sandbox from before has its files in volumes of the engine's own, and keeps them. */
async function hasPlainVolume(docker: Docker, sandboxId: string): Promise<boolean> {
  const asked = volumeNames(sandboxId).map(({ name }) => docker.getVolume(name).inspect().catch(notThere));
  const volumes = await withDeadline(Promise.all(asked), { ms: QUICK_MS, what: 'look for a volume' });
  return volumes.some((volume) => volume !== undefined);
}
