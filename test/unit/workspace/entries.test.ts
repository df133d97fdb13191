import { expect, test } from 'vitest';
import { parseEntries, permissionsOf } from '../../../src/workspace/entries.ts';

test('entries come by name, whatever the name', () => {
  const listed = Buffer.from(['b\nc', 3, 10, 0o644, 'f', 'a', 4_096, 11, 0o1777, 'd', ''].join('\0'));
  expect(parseEntries(listed)).toEqual([
    { name: 'a', size: 4_096, modifiedAt: 11_000, mode: 0o1777, isDirectory: true },
    { name: 'b\nc', size: 3, modifiedAt: 10_000, mode: 0o644, isDirectory: false },
  ]);
  expect(parseEntries(Buffer.alloc(0))).toEqual([]);
});

test.each([
  [0o644, 'rw-r--r--'],
  [0o755, 'rwxr-xr-x'],
  [0, '---------'],
  [0o1777, 'rwxrwxrwx'],
])('%o is %s', (mode, text) => {
  expect(permissionsOf(mode)).toBe(text);
});
