import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { growImage } from '../../../../../src/engine/docker/disk/mounting.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const MOUNT = { device: '/dev/loop7', isReadOnly: false };

async function grow(answer: (program: string) => Promise<string>) {
  await using folder = await tempFolder();
  const [image, calls] = [join(folder.path, 'image'), [] as string[]];
  await writeFile(image, '');
  const run = async (program: string, args: readonly string[]) => {
    calls.push([program, ...args].join(' '));
    return answer(program);
  };
  await growImage({ run, image, bytes: 8192 }, MOUNT);
  return { calls, size: (await stat(image)).size };
}

it('the file grows, then the device, then the filesystem', async () => {
  expect(await grow(async () => '')).toEqual({ calls: ['losetup --set-capacity /dev/loop7', 'resize2fs /dev/loop7'], size: 8192 });
});

it('where the kernel does not let this process do it, it is left to the next mount', async () => {
  const refuse = async (program: string) => (program === 'resize2fs' ? Promise.reject(new Error('Permission denied to resize filesystem')) : '');
  expect(await grow(refuse)).toMatchObject({ size: 8192 });
});

it('another failure is told', async () => {
  await expect(grow(async (program) => (program === 'resize2fs' ? Promise.reject(new Error('I/O error')) : ''))).rejects.toThrow('I/O error');
});
