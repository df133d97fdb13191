import { appendFile, readFile, rm, stat, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runTool } from '../../src/engine/docker/disk/tools.ts';
import { command } from '../support/host.ts';
import { realDisk } from '../support/image-disk.ts';
import { smallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const ID = 'sbx_0123456789abcdefghijkl';

async function ensured({ disk }: Awaited<ReturnType<typeof realDisk>>, mebibytes = 32): Promise<string> {
  const folder = await disk.ensure(ID, mebibytes * MIB, 'bash');
  if (folder === undefined) throw new Error('there is no disk');
  return folder;
}

const sizeOf = async (folder: string) => {
  const { blocks, bsize } = await statfs(folder);
  return blocks * bsize;
};

/** Until the disk refuses; answers the error's code and how many bytes it took. */
async function fill(path: string, mostMb: number): Promise<{ code: string | undefined; bytes: number }> {
  const [piece, bytes] = [Buffer.alloc(MIB, 1), { written: 0 }];
  try {
    for (; bytes.written < mostMb * MIB; bytes.written += piece.length) await appendFile(path, piece, { flush: true });
    return { code: undefined, bytes: bytes.written };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code, bytes: bytes.written };
  }
}

/** Containers of some kinds, and virtual machines, leave root without this right. */
async function mayGrowOnline(): Promise<boolean> {
  const [, capabilities = '0'] = /CapEff:\s*(\S+)/.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${capabilities}`) & (1n << CAP_SYS_RESOURCE)) !== 0n;
}
const CAP_SYS_RESOURCE = 24n;

it('/workspace and /tmp share the size, beyond which a write fails; what is deleted goes back to the host', async () => {
  await using real = await realDisk();
  const folder = await ensured(real, 32);
  const [first, second] = [await fill(join(folder, 'workspace', 'a'), 20), await fill(join(folder, 'tmp', 'b'), 200)];
  expect(first).toEqual({ code: undefined, bytes: 20 * MIB });
  expect(second.code).toBe('ENOSPC');
  expect(first.bytes + second.bytes).toBeGreaterThan(28 * MIB);
  const image = join(real.images, `${ID}.img`);
  expect((await stat(image)).size).toBe(32 * MIB);
  expect((await stat(image)).blocks * 512).toBeLessThanOrEqual(33 * MIB);
  expect((await real.disk.use([ID])).get(ID)).toBeGreaterThan(28 * MIB);
  for (const name of ['workspace/a', 'tmp/b']) await rm(join(folder, name));
  await command('sync', '--file-system', folder);
  expect((await stat(image)).blocks * 512).toBeLessThan(8 * MIB);
});

it('everybody may write in the two folders, no device or setuid file works there, and the host lets nobody else in', async () => {
  await using real = await realDisk();
  const folder = await ensured(real);
  for (const name of ['workspace', 'tmp']) expect((await stat(join(folder, name))).mode & 0o7777).toBe(0o1777);
  const mount = (await readFile('/proc/self/mounts', 'utf8')).split('\n').find((line) => line.includes(folder));
  expect(mount).toMatch(/ ext4 rw,nosuid,nodev,/);
  expect((await stat(real.mountRoot)).mode & 0o077).toBe(0);
  expect((await stat(join(real.images, `${ID}.img`))).mode & 0o077).toBe(0);
});

it('files are there again after a restart of the host, and after a crash of it', async () => {
  await using real = await realDisk();
  const folder = await ensured(real, 160);
  await writeFile(join(folder, 'workspace', 'kept'), 'kept', { flush: true });
  await real.unmountAll();
  expect(await real.again().ensure(ID, 160 * MIB, 'bash')).toBe(folder);
  expect(await readFile(join(folder, 'workspace', 'kept'), 'utf8')).toBe('kept');
  // Its journal has something to do, as when the host lost its power.
  await writeFile(join(folder, 'workspace', 'also'), 'also', { flush: true });
  const image = join(real.images, `${ID}.img`);
  await command('cp', '--sparse=always', image, `${image}.crashed`);
  await real.unmountAll();
  await command('mv', `${image}.crashed`, image);
  expect(await real.again().ensure(ID, 160 * MIB, 'bash')).toBe(folder);
  expect(await readFile(join(folder, 'workspace', 'also'), 'utf8')).toBe('also');
});

it('an image that is damaged is mended before it is mounted', async () => {
  await using real = await realDisk();
  const folder = await ensured(real);
  await writeFile(join(folder, 'workspace', 'kept'), 'kept', { flush: true });
  await real.unmountAll();
  const image = join(real.images, `${ID}.img`);
  await runTool('debugfs', ['-w', '-R', 'set_super_value free_blocks_count 1', image]);
  await runTool('debugfs', ['-w', '-R', 'set_super_value state 2', image]);
  expect(await real.disk.ensure(ID, 32 * MIB, 'bash')).toBe(folder);
  expect(await readFile(join(folder, 'workspace', 'kept'), 'utf8')).toBe('kept');
});

it('a limit that rises makes it larger while it is mounted; one that falls leaves it as it is', async () => {
  await using real = await realDisk();
  const folder = await ensured(real, 32);
  await writeFile(join(folder, 'workspace', 'kept'), 'kept');
  await ensured(real, 64);
  if (!(await mayGrowOnline())) {
    await real.unmountAll();
    await ensured(real, 64);
  }
  expect(await sizeOf(folder)).toBeGreaterThan(56 * MIB);
  await ensured(real, 16);
  expect(await sizeOf(folder)).toBeGreaterThan(56 * MIB);
  expect(await readFile(join(folder, 'workspace', 'kept'), 'utf8')).toBe('kept');
  expect((await fill(join(folder, 'tmp', 'b'), 200)).bytes).toBeGreaterThan(50 * MIB);
});

it('growing that was cut short is done the next time', async () => {
  await using real = await realDisk();
  const folder = await ensured(real, 32);
  await real.unmountAll();
  await truncate(join(real.images, `${ID}.img`), 64 * MIB);
  await ensured(real, 64);
  expect(await sizeOf(folder)).toBeGreaterThan(56 * MIB);
});

it.each(['mkfs.ext4', 'mount'])('when %s fails nothing is in the way of the next try', async (broken) => {
  await using real = await realDisk();
  const run = async (program: string, args: readonly string[]) => (program === broken ? Promise.reject(new Error('broken')) : runTool(program, args));
  const failing = real.again({ run });
  await expect(failing.ensure(ID, 32 * MIB, 'bash')).rejects.toMatchObject({ code: 'ENGINE_REFUSED', message: expect.not.stringContaining('broken') });
  expect(await failing.list()).toEqual([ID]);
  await ensured(real);
  await real.disk.remove(ID);
  expect(await real.disk.list()).toEqual([]);
});

it('when the disk under it is full writing stops, and it is mended once there is room and nobody is in it', async () => {
  await using under = await smallDisk(24);
  await using real = await realDisk({ images: join(under.path, 'images') });
  const folder = await ensured(real, 160);
  await writeFile(join(folder, 'workspace', 'kept'), 'kept', { flush: true });
  await command('sync', '--file-system', folder);
  expect((await fill(join(folder, 'tmp', 'b'), 100)).code).toMatch(/EIO|EROFS|ENOSPC/);
  await expect(real.disk.ensure('sbx_another', 160 * MIB, 'bash')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await command('mount', '-o', 'remount,size=400m', under.path);
  // The kernel stops writing some time after the error.
  await until(async () => {
    await real.disk.ensure(ID, 160 * MIB, 'bash');
    return (await fill(join(folder, 'tmp', 'c'), 60)).code === undefined;
  }, 'the filesystem to be mended');
  expect(await readFile(join(folder, 'workspace', 'kept'), 'utf8')).toBe('kept');
});
