import type Docker from 'dockerode';
import { CoracleError } from '../../../errors.ts';
import { createVolumeCounter } from '../count-volumes.ts';
import { QUICK_MS, withDeadline } from '../deadline.ts';
import { notThere, translate } from '../errors.ts';
import { refuseWhileUsed } from '../in-use.ts';
import { boundedVolumeName, LABEL } from '../labels.ts';
import { fillVolume } from './fill-volume.ts';
import type { SandboxDisk } from './sandbox-disk.ts';
import { createTurns } from './turns.ts';

export interface VolumeDiskOptions {
  readonly docker: Docker;
  readonly instance: string;
  /** Turns a language image's name into the engine's reference. */
  readonly imageReference: (image: string) => string;
  /** Asked of a sandbox that has no such volume: whether it gets one. Those that have something else do not. */
  readonly isWanted: (sandboxId: string) => Promise<boolean>;
}

const BLOCK_BYTES = 4096;

/**
 * The engine bounds blocks only. A sixteenth is left to inodes, which are counted: one for each 8 KiB, as a filesystem of a sandbox's own has, so that
 * a volume that is full is no more than it may be.
 */
export function volumeBytes(bytes: number): number {
  return Math.max(1, Math.floor((bytes * 15) / 16 / BLOCK_BYTES)) * BLOCK_BYTES;
}

/** How the engine is asked for a volume that it bounds, https://docs.docker.com/reference/cli/docker/volume/create/#opt */
export function sizeOption(bytes: number): { readonly size: string } {
  return { size: String(volumeBytes(bytes)) };
}

/**
 * Each sandbox's files in one volume for which the engine has set a quota of its filesystem (a project's, of xfs or ext4). Its folders are bound, not the
 * volume itself, so that both share the bound; the sandbox never sees the folder above them. The size is said once: a volume cannot be changed.
 */
export function createVolumeDisk({ docker, instance, imageReference, isWanted }: VolumeDiskOptions): SandboxDisk {
  const inTurn = createTurns();
  const count = createVolumeCounter(docker);
  /** Those in which the folders are known to be. A crash may have come between the volume and them. */
  const filled = new Set<string>();

  async function ensure(sandboxId: string, bytes: number, image: string): Promise<string | undefined> {
    const there = await inspect(docker, sandboxId);
    if (there && filled.has(sandboxId)) return there;
    if (!there && !(await isWanted(sandboxId))) return undefined;
    const labels = { [LABEL.instance]: instance, [LABEL.sandbox]: sandboxId };
    if (!there) await create(docker, { sandboxId, bytes, labels: { ...labels, [LABEL.bounded]: String(bytes) } });
    await fillVolume(docker, { name: boundedVolumeName(sandboxId), image: imageReference(image), labels });
    filled.add(sandboxId);
    return there ?? inspect(docker, sandboxId);
  }

  async function remove(sandboxId: string): Promise<void> {
    if ((await inspect(docker, sandboxId)) === undefined) return;
    await refuseWhileUsed(docker, sandboxId);
    filled.delete(sandboxId);
    await ask('remove a volume', docker.getVolume(boundedVolumeName(sandboxId)).remove().catch(notThere));
  }

  async function list(): Promise<readonly string[]> {
    const { Volumes } = await ask('list volumes', docker.listVolumes({ filters: { label: [`${LABEL.instance}=${instance}`, LABEL.bounded] } }));
    return (Volumes ?? []).flatMap(({ Labels }) => Labels?.[LABEL.sandbox] ?? []);
  }

  return {
    ensure: (sandboxId, bytes, image) => inTurn(sandboxId, () => ensure(sandboxId, bytes, image)),
    remove: (sandboxId) => inTurn(sandboxId, () => remove(sandboxId)),
    list,
    async use(sandboxIds) {
      const all = new Set(await list());
      return (await count(new Map(sandboxIds.filter((id) => all.has(id)).map((id) => [id, [boundedVolumeName(id)]])))).bytes;
    },
    freeBytes: async () => ((await list()).length > 0 ? (await count(new Map())).freeBytes : undefined),
  };
}

/** Where it lies on the engine's host. */
async function inspect(docker: Docker, sandboxId: string): Promise<string | undefined> {
  return (await ask('look for a volume', docker.getVolume(boundedVolumeName(sandboxId)).inspect().catch(notThere)))?.Mountpoint;
}

interface NewVolume {
  readonly sandboxId: string;
  readonly bytes: number;
  readonly labels: Readonly<Record<string, string>>;
}

async function create(docker: Docker, { sandboxId, bytes, labels }: NewVolume): Promise<void> {
  const made = docker.createVolume({ Name: boundedVolumeName(sandboxId), Driver: 'local', DriverOpts: sizeOption(bytes), Labels: { ...labels } });
  await ask('make a volume', made).catch((error) => {
    if (!(error instanceof CoracleError) || error.code !== 'ENGINE_REFUSED') throw error;
    throw new CoracleError('ENGINE_REFUSED', "The disk of the sandbox could not be made ready. The server's log says why.", error);
  });
}

function ask<T>(what: string, call: Promise<T>): Promise<T> {
  return withDeadline(call, { ms: QUICK_MS, what }).catch((error) => {
    throw translate(error);
  });
}
