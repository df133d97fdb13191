import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Leaves room for nothing. */
  fill(): Promise<void>;
  /** Takes back what `fill` took. */
  free(): Promise<void>;
}

const run = promisify(execFile);
const MIB = 1024 * 1024;

/** A file system in memory of so many MiB, gone with all that is on it when its scope ends. Needs root, as the mount does. */
export async function smallDisk(mib: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'coracle-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'coracle-test', path]);
  const ballast = join(path, 'ballast');
  return {
    path,
    async fill() {
      for (const size of [MIB, 4096]) {
        for (let isFull = false; !isFull; ) {
          isFull = await appendFile(ballast, Buffer.alloc(size)).then(
            () => false,
            () => true,
          );
        }
      }
    },
    free: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      await run('umount', ['--lazy', path]);
      await rm(path, { recursive: true });
    },
  };
}
