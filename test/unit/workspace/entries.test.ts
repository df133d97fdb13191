import { expect, test } from 'vitest';
import { permissionsOf, readEntries } from '../../../src/workspace/entries.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const listed = (...fields: (string | number)[]) => Buffer.from([...fields, '', ''].join('\0'));

test.each([1, 2, 3, 1_000])('entries come by name, whatever the name, in pieces of %i', async (size) => {
  const bytes = listed('b\nc', 3, '10.9999999990', 644, 'f', 'a', 4_096, '11.0000000000', 1777, 'd', 'l', 7, '-1.5', 777, 'l');
  expect(await readEntries(inPieces(bytes, size))).toEqual([
    { name: 'a', size: 4_096, modifiedAt: 11_000, mode: 0o1777, isDirectory: true },
    { name: 'b\nc', size: 3, modifiedAt: 10_999, mode: 0o644, isDirectory: false },
    { name: 'l', size: 7, modifiedAt: -1_500, mode: 0o777, isDirectory: false },
  ]);
});

test('there may be none', async () => {
  expect(await readEntries(inPieces(Buffer.alloc(1), 1))).toEqual([]);
});

test.each([Buffer.alloc(0), listed('a', 1, '1', 644, 'f').subarray(0, -1), Buffer.from('a\x001')])('what is cut off is no list', async (bytes) => {
  await expect(readEntries(inPieces(bytes, 4))).rejects.toThrow('to its end');
});

test('the end is not waited for', async () => {
  async function* endless() {
    yield listed('a', 1, '1', 644, 'f');
    await new Promise(() => undefined);
  }
  expect(await readEntries(endless())).toHaveLength(1);
});

test('a time beyond every date is the last date', async () => {
  const [entry] = await readEntries(inPieces(listed('a', 1, '9223372036854775807.0', 644, 'f'), 100));
  expect(new Date(entry?.modifiedAt ?? Number.NaN).getUTCFullYear()).toBe(275_760);
});

test.each([
  [0o644, 'rw-r--r--'],
  [0o755, 'rwxr-xr-x'],
  [0, '---------'],
  [0o1777, 'rwxrwxrwx'],
])('%o is %s', (mode, text) => {
  expect(permissionsOf(mode)).toBe(text);
});
