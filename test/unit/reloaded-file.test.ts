import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reloadedFile } from '../../src/reloaded-file.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

async function openFile(text: string) {
  const folder = await tempFolder();
  const path = join(folder.path, 'file.json');
  await writeFile(path, text);
  const complaints: unknown[] = [];
  const closing = new AbortController();
  const read = reloadedFile({ path, parse: JSON.parse, onBadChange: (error) => complaints.push(error), closing: closing.signal });
  return {
    path,
    read,
    complaints,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('what a file says is what it says now, also when another is moved into its place', async () => {
  await using file = await openFile('1');
  expect(file.read()).toBe(1);
  await writeFile(file.path, '22');
  await until(() => file.read() === 22, 'the change');
  await writeFile(`${file.path}.new`, '333');
  await rename(`${file.path}.new`, file.path);
  await until(() => file.read() === 333, 'the replacement');
  expect(file.complaints).toEqual([]);
});

test.each([
  ['nonsense', (path: string) => writeFile(path, '{"half')],
  ['nothing, for it is gone', (path: string) => rm(path)],
])('while it says %s what it said before stays, and the fault is told', async (_title, spoil) => {
  await using file = await openFile('1');
  await spoil(file.path);
  await until(() => file.complaints.length > 0, 'the complaint');
  expect(file.read()).toBe(1);
  await writeFile(file.path, '55555');
  await until(() => file.read() === 55_555, 'the repair');
});

test.each([
  ['is missing', undefined, /ENOENT/],
  ['says nonsense', '{"half', /JSON/],
])('one that %s at the start stops the start', async (_title, text, words) => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'file.json');
  if (text !== undefined) await writeFile(path, text);
  const open = () => reloadedFile({ path, parse: JSON.parse, onBadChange: () => undefined, closing: AbortSignal.abort() });
  expect(open).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(words) }));
});
