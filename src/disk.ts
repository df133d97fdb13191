import { statfs } from 'node:fs/promises';

export interface Disk {
  readonly totalBytes: number;
  /** For who is not root. */
  readonly freeBytes: number;
}

/** The disk that a folder is on. */
export async function readDisk(path: string): Promise<Disk> {
  const { blocks, bavail, bsize } = await statfs(path);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}
