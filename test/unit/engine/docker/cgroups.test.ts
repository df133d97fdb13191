import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cgroupDriverOf, removeEmptyCgroups } from '../../../../src/engine/docker/cgroups.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

test.each([
  { info: { CgroupDriver: 'cgroupfs', SecurityOptions: ['name=seccomp,profile=default'] }, driver: 'cgroupfs' },
  { info: { CgroupDriver: 'systemd', SecurityOptions: null }, driver: 'systemd' },
  { info: { CgroupDriver: 'systemd', SecurityOptions: ['name=rootless', 'name=cgroupns'] }, driver: null },
  { info: { CgroupDriver: 'none' }, driver: null },
  { info: {}, driver: null },
])('$info has the driver $driver', ({ info, driver }) => {
  expect(cgroupDriverOf(info)).toBe(driver);
});

test.each([
  { title: 'of cgroup v2', trees: [''] },
  { title: 'of each controller of cgroup v1', trees: ['cpu', 'memory'] },
])("tenants' cgroups that are empty go, and no other ($title)", async ({ trees }) => {
  await using mount = await tempFolder();
  for (const path of trees.flatMap((tree) => [`${tree}/coracle/gone`, `${tree}/coracle/here/container`, `${tree}/docker/empty`]))
    await mkdir(join(mount.path, path), { recursive: true });
  await removeEmptyCgroups(mount.path);
  for (const tree of trees) {
    expect(await readdir(join(mount.path, tree, 'coracle'))).toEqual(['here']);
    expect(await readdir(join(mount.path, tree, 'docker'))).toEqual(['empty']);
  }
});

test('where there are none, or none that may be seen, nothing happens', async () => {
  await removeEmptyCgroups('/nonexistent');
});
