import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type BuiltServer, buildServer, coracle } from '../support/built.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

let server: BuiltServer;
let api: Api;
let folder: TempFolder;

beforeAll(async () => {
  server = await buildServer();
  api = await apiOf(server, 'demo');
  folder = await tempFolder();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function cp(args: readonly string[], input: string | Uint8Array = '') {
  const run = coracle(['cp', ...args], { CORACLE_URL: server.url, CORACLE_DATA_DIR: server.dataDir });
  run.child.stdin?.end(input);
  const exit = await run.exit;
  return { exit, stdout: run.stdout(), stderr: run.stderr() };
}

const here = (name: string) => join(folder.path, name);
const bash = async (code: string) => (await api.run({ code, language: 'bash' })).stdout;
const BYTES = Buffer.alloc(
  300_000,
  Uint8Array.from({ length: 256 }, (_, byte) => byte),
);

it('a file goes there and back, byte for byte, with its mode', async () => {
  await writeFile(here('x.bin'), BYTES, { mode: 0o750 });
  expect(await cp([here('x.bin'), ':in/y.bin'])).toMatchObject({ exit: 0, stderr: '' });
  expect(await bash(`perl -e 'printf "%o %d\\n", (stat shift)[2] & 07777, -s _' in/y.bin`)).toBe('750 300000\n');
  expect(await cp([':in/y.bin', here('back.bin')])).toMatchObject({ exit: 0, stderr: '' });
  expect(BYTES.equals(await readFile(here('back.bin')))).toBe(true);
});

it('a target that is a folder gets the name', async () => {
  await writeFile(here('named'), 'x');
  expect(await cp([here('named'), ':in'])).toMatchObject({ exit: 0 });
  expect(await cp([here('named'), ':new/'])).toMatchObject({ exit: 0 });
  expect(await bash('cat in/named new/named')).toBe('xx');
  await mkdir(here('target'));
  expect(await cp([':in/named', here('target')])).toMatchObject({ exit: 0 });
  expect(await readFile(here('target/named'), 'utf8')).toBe('x');
});

it('standard input and output are files too', async () => {
  expect(await cp(['-', ':piped'], BYTES)).toMatchObject({ exit: 0 });
  expect((await cp([':/workspace/piped', '-'])).stdout.equals(BYTES)).toBe(true);
});

it('a folder goes there and back with -r', async () => {
  await mkdir(here('tree/a/b'), { recursive: true });
  await mkdir(here('tree/empty'));
  await writeFile(here('tree/a/b/deep'), 'deep');
  await writeFile(here('tree/top'), 'top');
  expect(await cp([here('tree'), ':'])).toMatchObject({ exit: 2, stderr: expect.stringContaining('-r') });
  expect(await cp(['-r', here('tree'), ':'])).toMatchObject({ exit: 0 });
  expect(await bash('cd tree; find . | sort | tr "\\n" " "')).toBe('. ./a ./a/b ./a/b/deep ./empty ./top ');
  expect(await cp([':tree', here('other')])).toMatchObject({ exit: 2, stderr: expect.stringContaining('-r') });
  expect(await cp(['-r', ':tree', here('other')])).toMatchObject({ exit: 0 });
  expect(await readFile(here('other/a/b/deep'), 'utf8')).toBe('deep');
  expect((await stat(here('other/empty'))).isDirectory()).toBe(true);
});

it.each([
  [[':no/such', './x'], 1, /no\/such/],
  [['no/such', ':x'], 2, /no\/such cannot be read/],
  [['/etc/hostname', ':/etc/hostname'], 1, /\/workspace/],
  [['a', 'b'], 2, /with a colon/],
  [[':a'], 2, /from where to where/],
] as const)('%j is refused in one line', async (args, exit, words) => {
  const refused = await cp(args);
  expect(refused.exit).toBe(exit);
  expect(refused.stderr).toMatch(words);
  expect(refused.stderr.trimEnd().split('\n')).toHaveLength(1);
});
