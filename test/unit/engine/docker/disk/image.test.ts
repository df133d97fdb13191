import { expect, it } from 'vitest';
import { imageBytes, mkfsArguments } from '../../../../../src/engine/docker/disk/image.ts';
import { parseMounts } from '../../../../../src/engine/docker/disk/mounts.ts';
import { placesOf } from '../../../../../src/engine/docker/disk/places.ts';

const MIB = 1024 * 1024;

it.each([
  { bytes: 1, is: MIB },
  { bytes: 3.5 * MIB + 1, is: 3.5 * MIB },
  { bytes: 1024 * MIB, is: 1024 * MIB },
])('a filesystem for $bytes bytes has $is', ({ bytes, is }) => {
  expect(imageBytes(bytes)).toBe(is);
});

it.each([
  { mebibytes: 16, journal: ['-O', '^has_journal'] },
  { mebibytes: 1024, journal: ['-J', 'size=4'] },
])('one of $mebibytes MiB keeps nothing back for root, and has a journal when that is a small part of it', ({ mebibytes, journal }) => {
  const args = mkfsArguments({ image: '/i/sbx_1.img', bytes: mebibytes * MIB, template: '/i/.template' });
  expect(args.join(' ')).toContain(`-m 0 -b 4096 -i 8192 ${journal.join(' ')} -E`);
  expect(args.slice(-3)).toEqual(['-d', '/i/.template', '/i/sbx_1.img']);
});

it.each(['../sbx', 'sbx/..', '', '.', '-rf', 'sbx_1\n', 'sbx 1', 'a'.repeat(129)])('no path is made of %j', (id) => {
  const places = placesOf({ images: '/i', mountRoot: '/m' });
  expect(() => places.image(id)).toThrow(/not an id/);
  expect(() => places.folder(id)).toThrow(/not an id/);
});

it('mounts are read as the kernel writes them, the newest of a folder last', () => {
  const text = [
    '/dev/vda / ext4 rw,relatime 0 0',
    '/dev/loop0 /m/a ext4 rw,nosuid 0 0',
    '/dev/loop1 /m/b ext4 ro,nosuid 0 0',
    '/dev/loop2 /m/a ext4 rw,emergency_ro 0 0',
    '',
  ];
  expect(Object.fromEntries(parseMounts(text.join('\n')))).toEqual({
    '/': { device: '/dev/vda', isReadOnly: false },
    '/m/a': { device: '/dev/loop2', isReadOnly: true },
    '/m/b': { device: '/dev/loop1', isReadOnly: true },
  });
});
