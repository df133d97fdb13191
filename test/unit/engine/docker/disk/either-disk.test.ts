import { expect, it } from 'vitest';
import { eitherDisk } from '../../../../../src/engine/docker/disk/either-disk.ts';
import { createFakeDisk } from '../../../../support/fake-disk.ts';

const first = () => createFakeDisk({ isWanted: (id) => id.startsWith('first') });
const second = () => createFakeDisk({ isWanted: (id) => id.startsWith('second') });

it('a sandbox has what the one gives that wants it, and all are told of together', async () => {
  const [one, other] = [first(), second()];
  const disk = eitherDisk(one, other);
  expect(await disk.freeBytes()).toBeUndefined();
  for (const id of ['first_a', 'second_a', 'neither']) await disk.ensure(id, 1, 'bash');
  expect([await one.list(), await other.list()]).toEqual([['first_a'], ['second_a']]);
  expect(await disk.list()).toEqual(['first_a', 'second_a']);
  expect(await disk.use(['first_a', 'second_a', 'neither'])).toEqual(new Map(Object.entries({ first_a: 0, second_a: 0 })));
  expect(await disk.freeBytes()).toBe(2 ** 40);
  for (const id of ['first_a', 'second_a', 'neither']) await disk.remove(id);
  expect(await disk.list()).toEqual([]);
});

it('who has neither is not looked for again, until it is removed', async () => {
  let asked = 0;
  const disk = eitherDisk(createFakeDisk({ isWanted: () => ++asked > 1 }), second());
  expect(await disk.ensure('a', 1, 'bash')).toBeUndefined();
  expect(await disk.ensure('a', 1, 'bash')).toBeUndefined();
  expect(asked).toBe(1);
  await disk.remove('a');
  expect(await disk.ensure('a', 1, 'bash')).toBe('/disks/a');
});
