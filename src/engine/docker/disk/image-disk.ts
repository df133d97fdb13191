import { mkdir, rm, rmdir, statfs } from 'node:fs/promises';
import { CoracleError } from '../../../errors.ts';
import { filesystemBytes, imageBytes, makeImage, unfinished } from './image.ts';
import { growImage, isAttached, type Mounting, mountImage } from './mounting.ts';
import { type Mount, readMounts } from './mounts.ts';
import { makeTemplate, type PlacesOptions, placesOf, sandboxesIn } from './places.ts';
import type { SandboxDisk } from './sandbox-disk.ts';
import type { Run } from './tools.ts';
import { createTurns } from './turns.ts';

export interface ImageDiskOptions extends PlacesOptions {
  readonly run: Run;
  /** Asked of a sandbox that has no image: whether it gets one. Those that have other volumes do not. */
  readonly isWanted: (sandboxId: string) => Promise<boolean>;
}

type Sized = Omit<Mounting, 'run'>;

/** Each sandbox's files in one sparse image file with ext4 on it, mounted by this process, which has to be root where the engine is. */
export function createImageDisk(options: ImageDiskOptions): SandboxDisk {
  const { images, run, isWanted } = options;
  const places = placesOf(options);
  const inTurn = createTurns();

  async function ensure(sandboxId: string, wanted: number): Promise<string | undefined> {
    const [image, folder, bytes] = [places.image(sandboxId), places.folder(sandboxId), imageBytes(wanted)];
    const size = await filesystemBytes(image);
    if (size === undefined) {
      if (!(await isWanted(sandboxId))) return undefined;
      await mkdir(images, { recursive: true, mode: 0o700 });
      await makeTemplate(places);
      await makeImage({ run, image, bytes, template: places.template });
    }
    const mount = await mounted({ image, folder, bytes });
    if (size !== undefined && size < bytes) await growImage({ run, image, bytes }, mount);
    return folder;
  }

  async function mounted({ image, folder, bytes }: Sized): Promise<Mount> {
    const before = (await readMounts()).get(folder);
    if (before && !before.isReadOnly) return before;
    if (before) await takeDownBroken({ image, folder, bytes });
    await mountImage({ run, image, folder, bytes });
    const mount = (await readMounts()).get(folder);
    if (!mount) throw new Error(`${folder} is not mounted after it was`);
    return mount;
  }

  /** The disk under it was full once, and the kernel has stopped writing. When nobody is in it any more it can be mended. */
  async function takeDownBroken({ image, folder, bytes }: Sized): Promise<void> {
    await run('umount', [folder]);
    if (!(await isAttached(run, image))) return;
    await mountImage({ run, image, folder, bytes });
    throw new CoracleError('ENGINE_REFUSED', "The sandbox's files can only be read since the server's disk was full. End its processes, and try again.");
  }

  async function remove(sandboxId: string): Promise<void> {
    const [image, folder] = [places.image(sandboxId), places.folder(sandboxId)];
    if ((await readMounts()).has(folder)) await run('umount', [folder]);
    for (const path of [folder, places.mountRoot]) await rmdir(path).catch(unlessIn(['ENOENT', 'ENOTEMPTY']));
    for (const path of [image, unfinished(image)]) await rm(path, { force: true });
  }

  return {
    ensure: (sandboxId, bytes) => inTurn(sandboxId, () => ensure(sandboxId, bytes).catch(refuse)),
    remove: (sandboxId) => inTurn(sandboxId, () => remove(sandboxId).catch(refuse)),
    list: () => sandboxesIn(images),
    async use(sandboxIds) {
      const mounts = await readMounts();
      const held = sandboxIds.filter((sandboxId) => mounts.has(places.folder(sandboxId)));
      return new Map(await Promise.all(held.map(async (sandboxId) => [sandboxId, await usedIn(places.folder(sandboxId))] as const)));
    },
    freeBytes: () => freeBytesOf(images),
  };
}

async function usedIn(folder: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(folder);
  return (blocks - bfree) * bsize;
}

async function freeBytesOf(folder: string): Promise<number | undefined> {
  return statfs(folder).then(({ bavail, bsize }) => bavail * bsize, unlessIn(['ENOENT']));
}

/** For `catch`: these failures are none. */
function unlessIn(codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(String((error as NodeJS.ErrnoException).code))) throw error;
    return undefined;
  };
}

/** What the host's programs print holds paths, so it stays in `cause`. */
function refuse(error: unknown): never {
  if (error instanceof CoracleError) throw error;
  const isFull = /ENOSPC|no space left/i.test(String(error));
  if (isFull) throw new CoracleError('SERVICE_UNAVAILABLE', "The server's disk is full. Try again later; the operator can make room.", error);
  throw new CoracleError('ENGINE_REFUSED', "The disk of the sandbox could not be made ready. The server's log says why.", error);
}
