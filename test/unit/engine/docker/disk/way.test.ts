import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { expect, test } from 'vitest';
import { createWay, groupIn } from '../../../../../src/engine/docker/disk/way.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const USERNS = ['name=seccomp,profile=default', 'name=userns'];

test.each([
  ['an engine without user namespaces', { SecurityOptions: ['name=seccomp,profile=default'], DockerRootDir: '/var/lib/docker/1.2' }, undefined],
  ['one that tells nothing', {}, undefined],
  ['one with user namespaces', { SecurityOptions: USERNS, DockerRootDir: '/var/lib/docker/100000.165536' }, 165536],
  ['one whose folder is named otherwise', { SecurityOptions: USERNS, DockerRootDir: '/data' }, undefined],
])('whose group is let in: %s', (_what, info, group) => {
  expect(groupIn(info)).toBe(group);
});

const engine = (info: object) => ({ info: async () => info }) as unknown as Docker;

test('only root, and root of the user namespace, passes to the mounts, also where another engine was before', async () => {
  await using folder = await tempFolder();
  const mountRoot = join(folder.path, 'coracle', 'inst');
  await mkdir(mountRoot, { recursive: true, mode: 0o700 });
  const modes = async () => {
    const { gid, mode } = await stat(mountRoot);
    return { gid, mode: mode & 0o777, above: (await stat(join(folder.path, 'coracle'))).mode & 0o777 };
  };
  await createWay(engine({ SecurityOptions: USERNS, DockerRootDir: '/var/lib/docker/100000.165536' }), mountRoot)();
  expect(await modes()).toEqual({ gid: 165536, mode: 0o710, above: 0o711 });
  await createWay(engine({}), mountRoot)();
  expect(await modes()).toEqual({ gid: 0, mode: 0o700, above: 0o711 });
});
