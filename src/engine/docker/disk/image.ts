import { closeSync, openSync, readSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { Run } from './tools.ts';

const MIB = 1024 * 1024;
const BLOCK_BYTES = 4096;
/** Of a journal, which keeps a filesystem whole over a crash of the host: the least that mkfs takes, and only where it is a small part of all. */
const JOURNAL_MB = 4;
const LEAST_WITH_JOURNAL = 128 * MIB;
/** Bytes of the filesystem for each inode: an `npm install` has files of some 8 KiB on average. */
const BYTES_PER_INODE = 8192;

/** So large that what lies in it, its own tables included, takes no more than `bytes` of the host. */
export function imageBytes(bytes: number): number {
  return Math.max(MIB, Math.floor(bytes / BLOCK_BYTES) * BLOCK_BYTES);
}

/** The image is a sparse file of zeros, so nothing needs to be zeroed now or later. */
export function mkfsArguments({ image, bytes, template }: { image: string; bytes: number; template: string }): string[] {
  const journal = bytes < LEAST_WITH_JOURNAL ? ['-O', '^has_journal'] : ['-J', `size=${JOURNAL_MB}`];
  const shape = ['-m', '0', '-b', String(BLOCK_BYTES), '-i', String(BYTES_PER_INODE), ...journal];
  return ['-q', '-F', ...shape, '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard', '-d', template, image];
}

/** `discard` gives the host back what is deleted inside. */
export const MOUNT_OPTIONS = 'loop,nosuid,nodev,noatime,noinit_itable,discard';

export interface NewImage {
  readonly run: Run;
  readonly image: string;
  readonly bytes: number;
  /** Folder whose content a new filesystem begins with. */
  readonly template: string;
}

/** The name of an image until it is whole. */
export function unfinished(image: string): string {
  return `${image}.new`;
}

/** Makes a filesystem in a sparse file, which appears whole or not at all. */
export async function makeImage({ run, image, bytes, template }: NewImage): Promise<void> {
  const draft = unfinished(image);
  const file = await open(draft, 'w', 0o600);
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
  await run('mkfs.ext4', mkfsArguments({ image: draft, bytes, template }));
  await rename(draft, image);
}

/** Where ext4 keeps the number of its blocks, https://docs.kernel.org/filesystems/ext4/super.html */
const BLOCK_COUNT_AT = 1024 + 4;

/**
 * Of the filesystem in an image; undefined when there is no image. Smaller than the file when growing was cut short. Each container that is made asks:
 * read in place it takes microseconds, in the thread pool three turns, each of milliseconds when the CPUs are taken.
 */
export function filesystemBytes(image: string): number | undefined {
  const file = openIfThere(image);
  if (file === undefined) return undefined;
  try {
    const count = Buffer.alloc(4);
    readSync(file, count, 0, count.length, BLOCK_COUNT_AT);
    return count.readUInt32LE() * BLOCK_BYTES;
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
