import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createImageDisk, type ImageDiskOptions } from '../../src/engine/docker/disk/image-disk.ts';
import type { SandboxDisk } from '../../src/engine/docker/disk/sandbox-disk.ts';
import { runTool } from '../../src/engine/docker/disk/tools.ts';
import { requireRoot, unmountBelow } from './host.ts';
import { tempFolder } from './temp-folder.ts';

export interface RealDisk extends AsyncDisposable {
  readonly disk: SandboxDisk;
  readonly images: string;
  readonly mountRoot: string;
  /** Another server on the same folder. */
  again(differences?: Partial<ImageDiskOptions>): SandboxDisk;
  /** As a restart of the host leaves it: the images stay. */
  unmountAll(): Promise<void>;
}

/** Filesystems in files, really mounted; nothing of it is left after disposal. */
export async function realDisk(differences: Partial<ImageDiskOptions> = {}): Promise<RealDisk> {
  requireRoot('The test mounts filesystems');
  const folder = await tempFolder();
  const { images = join(folder.path, 'images') } = differences;
  const mountRoot = join('/run', `coracle-test-${randomUUID()}`);
  const again = (others: Partial<ImageDiskOptions> = {}) =>
    createImageDisk({ images, mountRoot, run: runTool, makeWay: async () => undefined, isWanted: async () => true, ...differences, ...others });
  async function unmountAll(): Promise<void> {
    await unmountBelow(mountRoot);
    await rm(mountRoot, { recursive: true, force: true });
  }
  return {
    disk: again(),
    images,
    mountRoot,
    again,
    unmountAll,
    async [Symbol.asyncDispose]() {
      await unmountAll();
      await folder[Symbol.asyncDispose]();
    },
  };
}
