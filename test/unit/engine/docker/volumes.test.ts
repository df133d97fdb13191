import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { createDiskUse } from '../../../../src/engine/docker/disk-use.ts';
import { createVolumes } from '../../../../src/engine/docker/volumes.ts';
import { createFakeDisk } from '../../../support/fake-disk.ts';

/** An engine with the volumes of one sandbox, somewhere else than here. */
function engineWith(sandboxId: string, differences: object = {}) {
  const done: string[] = [];
  const Labels = { 'coracle.sandbox': sandboxId };
  const docker = {
    info: async () => ({ DockerRootDir: '/nowhere' }),
    listVolumes: async () => ({ Volumes: [{ Labels }, { Labels }] }),
    listContainers: async () => [],
    df: async () => ({ Volumes: [{ Name: `coracle-${sandboxId}`, UsageData: { Size: 70 } }] }),
    getVolume: (name: string) => ({ remove: async () => void done.push(name) }),
    ...differences,
  } as unknown as Docker;
  return { docker, done };
}

it('a filesystem without volumes is listed beside the volumes, so that it is found when nobody has it', async () => {
  const disk = createFakeDisk();
  for (const id of ['sbx_a', 'sbx_left']) await disk.ensure(id, 1, 'bash');
  const { docker } = engineWith('sbx_a');
  expect((await createVolumes({ docker, instance: 'inst_1', disk }).listVolumes()).toSorted()).toEqual(['sbx_a', 'sbx_left']);
});

it('a filesystem goes with the volumes, and not while a container has it', async () => {
  const disk = createFakeDisk();
  await disk.ensure('sbx_a', 1, 'bash');
  const used = engineWith('sbx_a', { getVolume: () => ({ remove: () => Promise.reject(Object.assign(new Error('in use'), { statusCode: 409 })) }) });
  await expect(createVolumes({ docker: used.docker, instance: 'inst_1', disk }).removeVolume('sbx_a')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  expect(await disk.list()).toEqual(['sbx_a']);
  const held = engineWith('sbx_a', { listContainers: async () => [{ Id: 'abc' }] });
  await expect(createVolumes({ docker: held.docker, instance: 'inst_1', disk }).removeVolume('sbx_a')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  expect([held.done, await disk.list()]).toEqual([[], ['sbx_a']]);
  const { docker, done } = engineWith('sbx_a');
  await createVolumes({ docker, instance: 'inst_1', disk }).removeVolume('sbx_a');
  expect(done).toEqual(['coracle-sbx_a', 'coracle-sbx_a-tmp']);
  expect(await disk.list()).toEqual([]);
});

it('what has a filesystem is not counted; the rest is', async () => {
  const disk = createFakeDisk({ isWanted: (id) => id === 'sbx_a' });
  await disk.ensure('sbx_a', 1, 'bash');
  const { docker } = engineWith('sbx_b');
  const use = createDiskUse(docker, disk);
  expect(await use(['sbx_a', 'sbx_b'])).toEqual({ bytes: new Map(Object.entries({ sbx_a: 0, sbx_b: 70 })), freeBytes: 2 ** 40 });
  const uncounted = engineWith('sbx_b', { df: () => Promise.reject(new Error('counted')) });
  expect(await createDiskUse(uncounted.docker, disk)(['sbx_a'])).toMatchObject({ bytes: new Map([['sbx_a', 0]]) });
});
