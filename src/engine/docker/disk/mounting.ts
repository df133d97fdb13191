import { mkdir, truncate } from 'node:fs/promises';
import { filesystemBytes, MOUNT_OPTIONS } from './image.ts';
import type { Mount } from './mounts.ts';
import { exitCodeOf, type Run } from './tools.ts';

/** e2fsck's exit codes up to this mean that the filesystem is whole now, https://man7.org/linux/man-pages/man8/e2fsck.8.html */
const REPAIRED = 2;

export interface Mounting {
  readonly run: Run;
  readonly makeWay: () => Promise<void>;
  readonly image: string;
  readonly folder: string;
  /** To which it is made larger before when it is smaller. */
  readonly bytes: number;
}

/** Mounts an image that was used before, checked when nobody has it. */
export async function mountAgain(mounting: Mounting): Promise<void> {
  if (!(await isAttached(mounting.run, mounting.image))) await makeReady(mounting);
  await mountImage(mounting);
}

/** Mounts an image that is whole. The loop device goes with the mount; where one is left that still has the image it is used again. */
export async function mountImage({ run, makeWay, image, folder }: Omit<Mounting, 'bytes'>): Promise<void> {
  // In this order: a folder that is not empty is taken away by no removal of another sandbox.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await makeWay();
  await run('mount', ['-t', 'ext4', '-o', MOUNT_OPTIONS, image, folder]);
}

/** Whether a loop device has the image: the kernel may be writing to it, also for a container after our own mount is gone. */
export async function isAttached(run: Run, image: string): Promise<boolean> {
  return (await run('losetup', ['--noheadings', '--output', 'NAME', '--associated', image])).trim() !== '';
}

/** Takes some milliseconds when it was unmounted as it should be. What can be mended only with losses is mended too: nobody is there to ask. */
async function makeReady({ run, image, bytes }: Mounting): Promise<void> {
  const isSmall = (filesystemBytes(image) ?? 0) < bytes;
  // resize2fs takes only what has just been looked at as a whole.
  const whole = isSmall ? ['-f'] : [];
  const passes = (mode: string) =>
    run('e2fsck', [...whole, mode, image]).then(
      () => true,
      (error) => {
        const code = exitCodeOf(error);
        if (code === undefined) throw error;
        return code <= REPAIRED;
      },
    );
  if (!((await passes('-p')) || (await passes('-y')))) throw new Error(`e2fsck could not mend ${image}`);
  if (!isSmall) return;
  await truncate(image, bytes);
  await run('resize2fs', [image]);
}

/** Makes a mounted filesystem larger, while programs are in it. The kernel lets only who has CAP_SYS_RESOURCE; without it the next mount does it. */
export async function growImage({ run, image, bytes }: { run: Run; image: string; bytes: number }, { device }: Mount): Promise<void> {
  await truncate(image, bytes);
  await run('losetup', ['--set-capacity', device]);
  await run('resize2fs', [device]).catch((error) => {
    if (!/permission denied/i.test(String(error))) throw error;
  });
}
