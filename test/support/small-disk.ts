import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, requireRoot, unmountBelow } from './host.ts';

const KIB = 1024;

/** A disk in memory that can be filled to its last block and freed again. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  fill(): Promise<void>;
  free(): Promise<void>;
}

export async function smallDisk(mebibytes: number): Promise<SmallDisk> {
  requireRoot('The test mounts a small disk');
  const path = await mkdtemp(join(tmpdir(), 'coracle-disk-'));
  await command('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'coracle-test', path);
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => fillUp(ballast),
    free: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      await unmountBelow(path);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** In large pieces first, and then in what a block takes. */
async function fillUp(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [KIB * KIB, 4 * KIB]) await appendUntilFull(() => file.write(Buffer.alloc(size, 1)));
  } finally {
    await file.close();
  }
}

async function appendUntilFull(append: () => Promise<unknown>): Promise<void> {
  try {
    for (;;) await append();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
