import { access, mkdir, readFile, statfs } from 'node:fs/promises';
import type Docker from 'dockerode';
import { newId } from '../../../ids.ts';
import { QUICK_MS, withDeadline } from '../deadline.ts';
import { translate } from '../errors.ts';
import { LABEL } from '../labels.ts';
import type { Need } from './choose-quota.ts';
import { createImageDisk } from './image-disk.ts';
import type { PlacesOptions } from './places.ts';
import type { Run } from './tools.ts';

export interface NeedsOptions extends PlacesOptions {
  readonly docker: Docker;
  readonly instance: string;
  readonly run: Run;
  readonly makeWay: () => Promise<void>;
}

/** What has to be so for sandboxes to get filesystems of their own, the cheap questions first; the last is to make one. */
export function needsOf(options: NeedsOptions): readonly Need[] {
  return [isRoot, isOnHost, () => isDisk(options.images), () => isEngineHere(options), () => canMount(options)];
}

async function isRoot(): Promise<string | undefined> {
  return process.getuid?.() === 0 ? undefined : 'the server does not run as root';
}

/** What is mounted in a namespace of the server's own, such as a service with PrivateTmp has, the engine does not see. */
async function isOnHost(): Promise<string | undefined> {
  const [own, first] = await Promise.all(['self', '1'].map((pid) => readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '')));
  if (shareMounts(own ?? '', first ?? '')) return undefined;
  return 'the server has a mount namespace of its own, as in a systemd service with PrivateTmp, and the engine sees none of its mounts';
}

/** Every mount has a number on its machine, and a namespace has copies with numbers of their own, https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
export function shareMounts(one: string, other: string): boolean {
  const idsOf = (text: string) => text.split('\n').flatMap((line) => /^\d+/.exec(line)?.[0] ?? []);
  const ids = new Set(idsOf(one));
  return idsOf(other).some((id) => ids.has(id));
}

/** Of filesystems in memory, as statfs(2) tells them. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

async function isDisk(images: string): Promise<string | undefined> {
  await mkdir(images, { recursive: true, mode: 0o700 });
  return IN_MEMORY.has((await statfs(images)).type) ? 'the data folder is in memory; set CORACLE_DATA_DIR to a folder on a disk' : undefined;
}

/** A volume that the engine makes has to appear here. */
async function isEngineHere({ docker, instance }: NeedsOptions): Promise<string | undefined> {
  const name = `coracle-${instance}-trial`;
  const ask = <T>(asked: Promise<T>) =>
    withDeadline(asked, { ms: QUICK_MS, what: 'make a volume' }).catch((error) => {
      throw translate(error);
    });
  const { SecurityOptions } = await ask(docker.info() as Promise<{ SecurityOptions?: readonly string[] | null }>);
  if (SecurityOptions?.some((option) => option.includes('name=rootless'))) return 'the engine is rootless, and sees none of the mounts of its host';
  await ask(docker.createVolume({ Name: name, Labels: { [LABEL.instance]: instance } }));
  try {
    const { Mountpoint } = await ask(docker.getVolume(name).inspect());
    return await access(Mountpoint).then(
      () => undefined,
      () => 'the engine is not on this machine, or its folder cannot be seen from here',
    );
  } finally {
    await docker
      .getVolume(name)
      .remove()
      .catch(() => undefined);
  }
}

const TRIAL_BYTES = 4 * 1024 * 1024;

/** Kernel, programs and rights are there when it works. Under the id of a sandbox that nobody has, so that what a crash leaves is swept like one's. */
async function canMount({ images, mountRoot, run, makeWay }: NeedsOptions): Promise<string | undefined> {
  const disk = createImageDisk({ images, mountRoot, run, makeWay, isWanted: async () => true });
  const id = newId('sbx');
  try {
    await disk.ensure(id, TRIAL_BYTES, '');
    return undefined;
  } catch (error) {
    return `a filesystem in a file could not be mounted (it takes mkfs.ext4, e2fsck, losetup and mount): ${reasonOf(error)}`;
  } finally {
    await disk.remove(id).catch(() => undefined);
  }
}

/** The first line of what the failed program said. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const { stderr, message } = cause as { stderr?: string; message?: string };
  return (stderr?.trim() || message || String(cause)).split('\n')[0] ?? '';
}
