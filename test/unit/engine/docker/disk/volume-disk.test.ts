import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { engineNeeds } from '../../../../../src/engine/docker/disk/engine-needs.ts';
import { createVolumeDisk, volumeBytes } from '../../../../../src/engine/docker/disk/volume-disk.ts';

const MIB = 1024 * 1024;
const answer = (statusCode: number) => Object.assign(new Error('no'), { statusCode });

/** An engine with volumes in memory, of which single calls can fail. */
function engineWith(differences: object = {}) {
  const [volumes, done] = [new Map<string, { Mountpoint: string; DriverOpts: object }>(), [] as string[]];
  const docker = {
    createVolume: async ({ Name, DriverOpts }: { Name: string; DriverOpts: object }) =>
      void volumes.set(Name, { Mountpoint: `/volumes/${Name}/_data`, DriverOpts }),
    getVolume: (name: string) => ({
      inspect: async () => volumes.get(name) ?? Promise.reject(answer(404)),
      remove: async () => void volumes.delete(name),
    }),
    listVolumes: async () => ({ Volumes: [] }),
    listContainers: async () => [],
    createContainer: async ({ Image }: { Image: string }) => {
      done.push(`filled from ${Image}`);
      return { remove: async () => void done.push('removed') };
    },
    ...differences,
  } as unknown as Docker;
  const disk = createVolumeDisk({ docker, instance: 'inst_1', imageReference: (image) => `images/${image}`, isWanted: async () => true });
  return { docker, disk, volumes, done };
}

it.each([
  { bytes: 1024 * MIB, size: 960 * MIB },
  { bytes: 16 * MIB, size: 15 * MIB },
  { bytes: 100_000, size: 90_112 },
  { bytes: 1, size: 4096 },
])('of $bytes bytes $size are for blocks, and the rest for an inode each 8 KiB', ({ bytes, size }) => {
  expect(volumeBytes(bytes)).toBe(size);
});

it('a volume is made with its size and filled once', async () => {
  const { disk, volumes, done } = engineWith();
  for (let times = 0; times < 2; times += 1) expect(await disk.ensure('sbx_a', 16 * MIB, 'go')).toBe('/volumes/coracle-sbx_a-disk/_data');
  expect(volumes.get('coracle-sbx_a-disk')?.DriverOpts).toEqual({ size: String(15 * MIB) });
  expect(done).toEqual(['filled from images/go', 'removed']);
});

it('one that was not filled, as a crash leaves it, is filled when it is asked for again', async () => {
  let isAway = true;
  const { disk, done } = engineWith();
  const broken = engineWith({ createContainer: async () => (isAway ? Promise.reject(answer(500)) : { remove: async () => void done.push('filled') }) });
  await expect(broken.disk.ensure('sbx_a', 16 * MIB, 'bash')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  isAway = false;
  expect(await broken.disk.ensure('sbx_a', 16 * MIB, 'bash')).toBe('/volumes/coracle-sbx_a-disk/_data');
  expect(done).toEqual(['filled']);
  await expect(engineWith({ createContainer: () => Promise.reject(answer(404)) }).disk.ensure('sbx_a', 1, 'bash')).rejects.toMatchObject({
    code: 'IMAGE_MISSING',
  });
  expect(await disk.list()).toEqual([]);
});

it('what an engine no longer has is made anew', async () => {
  const { disk, volumes, done } = engineWith();
  await disk.ensure('sbx_a', 16 * MIB, 'bash');
  volumes.clear();
  await disk.ensure('sbx_a', 16 * MIB, 'bash');
  expect(volumes.size).toBe(1);
  expect(done.filter((what) => what.startsWith('filled'))).toHaveLength(2);
});

it('an engine that takes a size has quotas, and nothing of the trial is left; one that refuses it has none; one that is away is not answered for', async () => {
  const [offered, ...others] = [
    {},
    ...[400, 500, undefined].map((status) => ({ createVolume: () => Promise.reject(status ? answer(status) : new Error('away')) })),
  ].map(engineWith);
  const ask = (one: typeof offered) => engineNeeds({ docker: one?.docker as Docker, instance: 'inst_1' })[0]?.();
  expect([await ask(offered), offered?.volumes.size]).toEqual([undefined, 0]);
  for (const refusing of others.slice(0, 2)) expect(await ask(refusing)).toMatch(/no project quotas/);
  await expect(ask(others[2])).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});
