import { mkdir, rm, rmdir, statfs } from 'node:fs/promises';
import { CoracleError } from '../../../errors.ts';
import { filesystemBytes, imageBytes, makeImage, unfinished } from './image.ts';
import { growImage, isAttached, type Mounting, mountAgain, mountImage } from './mounting.ts';
import { readMounts } from './mounts.ts';
import { makeTemplate, type PlacesOptions, placesOf, sandboxesIn } from './places.ts';
import type { SandboxDisk } from './sandbox-disk.ts';
import type { Run } from './tools.ts';
import { createTurns } from './turns.ts';

export interface ImageDiskOptions extends PlacesOptions {
  readonly run: Run;
  /** Makes the folder of the mounts, before each mount. */
  readonly makeWay: () => Promise<void>;
  /** Asked of a sandbox that has no image: whether it gets one. Those that have other volumes do not. */
  readonly isWanted: (sandboxId: string) => Promise<boolean>;
}

/** Each sandbox's files in one sparse image file with ext4 on it, mounted by this process, which has to be root where the engine is. */
export function createImageDisk(options: ImageDiskOptions): SandboxDisk {
  const { images, run, makeWay, isWanted } = options;
  const places = placesOf(options);
  const inTurn = createTurns();

  async function ensure(sandboxId: string, wanted: number): Promise<string | undefined> {
    const at = { run, makeWay, image: places.image(sandboxId), folder: places.folder(sandboxId), bytes: imageBytes(wanted) };
    const size = filesystemBytes(at.image);
    if (size !== undefined) await serve(at, size);
    else if (await isWanted(sandboxId)) await make(at);
    else return undefined;
    return at.folder;
  }

  async function make(at: Mounting): Promise<void> {
    await mkdir(images, { recursive: true, mode: 0o700 });
    await makeTemplate(places);
    await makeImage({ ...at, template: places.template });
    await mountImage(at);
  }

  async function serve(at: Mounting, size: number): Promise<void> {
    const mount = (await readMounts()).get(at.folder);
    if (mount && !mount.isReadOnly) return size < at.bytes ? growImage(at, mount) : undefined;
    if (mount) await takeDownBroken(at);
    await mountAgain(at);
  }

  /** The disk under it was full once, and the kernel has stopped writing. When nobody is in it any more it can be mended. */
  async function takeDownBroken(at: Mounting): Promise<void> {
    await run('umount', [at.folder]);
    if (!(await isAttached(run, at.image))) return;
    await mountImage(at);
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
