import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { existsReply, filesReply, readReply, writeReply } from '../../src/http/schemas/files.ts';
import { type Api, apiOf } from '../support/api.ts';
import { containersOf } from '../support/docker.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer({ CORACLE_MAX_FILE_MB: '64', CORACLE_POOL: 'false' });
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const at = (path: string) => encodeURIComponent(path);
const write = (path: string, content: string, more: object = {}) => api.call('POST', '/files/write', { path, content, ...more });
const read = async (path: string) => (await api.call<{ content: string }>('GET', `/files/read?path=${at(path)}`)).body;
const bash = (code: string) => api.run({ code, language: 'bash' });

async function download(path: string): Promise<Buffer> {
  const response = await fetch(`${server.url}/files/download?path=${at(path)}`, { headers: { Authorization: `Bearer ${api.token}` } });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** A form whose parts come in this order. */
async function upload(parts: readonly (readonly [name: string, value: string | Buffer])[]) {
  const form = new FormData();
  for (const [name, value] of parts)
    form.append(name, typeof value === 'string' ? value : new Blob([new Uint8Array(value)]), ...(typeof value === 'string' ? [] : ['name.bin']));
  const response = await fetch(`${server.url}/files/upload`, { method: 'POST', headers: { Authorization: `Bearer ${api.token}` }, body: form });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('files', () => {
  it('are written with the folders above them, and read by calls and processes', async () => {
    const { status, body } = await write('/workspace/a/b/hello.txt', 'hällo\n');
    expect({ status, body: writeReply.parse(body) }).toMatchObject({ status: 200, body: { success: true, path: '/workspace/a/b/hello.txt', size: 7 } });
    expect(readReply.parse(await read('/workspace/a/b/hello.txt'))).toEqual({ content: 'hällo\n', path: '/workspace/a/b/hello.txt', size: 7 });
    expect((await bash('cat /workspace/a/b/hello.txt; find /workspace/a/b/hello.txt -printf "%m\\n"')).stdout).toBe('hällo\n644\n');
  });

  it('are exact whatever their bytes and their mode', async () => {
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(300_000)]);
    await write('bytes.bin', bytes.toString('base64'), { encoding: 'base64', mode: '0750' });
    expect((await download('/workspace/bytes.bin')).equals(bytes)).toBe(true);
    expect((await bash('find bytes.bin -printf "%m %s\\n"')).stdout).toBe(`750 ${bytes.length}\n`);
    await write('empty', '');
    expect(await download('empty')).toHaveLength(0);
  });

  it('of a process are read by calls, also in /tmp, which the next process has too', async () => {
    await bash('echo kept > /tmp/kept; mkdir -p out; head -c 1000000 /dev/zero > out/zeros');
    expect((await read('/tmp/kept')).content).toBe('kept\n');
    expect((await download('out/zeros')).equals(Buffer.alloc(1_000_000))).toBe(true);
    await write('/tmp/from-call', 'x');
    expect((await bash('cat /tmp/kept /tmp/from-call; echo /tmp/coracle/*')).stdout).toBe('kept\nx/tmp/coracle/main.sh\n');
  });

  it('belong to their sandbox', async () => {
    await write('mine', 'x');
    for (const [tenant, sandbox] of [
      ['acme', 'other'],
      ['globex', undefined],
    ] as const) {
      const other = await apiOf(server, tenant, sandbox);
      expect((await other.call('GET', '/files/read?path=mine')).status).toBe(404);
    }
  });

  it('are replaced whole, or not when overwrite is false', async () => {
    await write('f', 'first');
    expect((await write('f', 'second', { overwrite: false })).body).toMatchObject({ code: 'FILE_ALREADY_EXISTS', path: 'f' });
    expect((await read('f')).content).toBe('first');
    await write('f', 'second');
    expect((await read('f')).content).toBe('second');
    expect((await write('g', 'new', { overwrite: false })).status).toBe(200);
  });

  it('are listed with what clients read of them', async () => {
    await bash('mkdir -p list/sub; printf 12345 > list/file; chmod 600 list/file; touch "list/odd\nname"');
    const { body } = await api.call('GET', '/files/list?path=/workspace/list');
    const { files, count } = filesReply.parse(body);
    expect(count).toBe(3);
    expect(files.map(({ name, path, size, is_dir, is_directory, permissions }) => ({ name, path, size, is_dir, is_directory, permissions }))).toMatchObject([
      { name: 'file', path: '/workspace/list/file', size: 5, is_dir: false, is_directory: false, permissions: 'rw-------' },
      { name: 'odd\nname' },
      { name: 'sub', is_dir: true, is_directory: true },
    ]);
    expect(Math.abs(Date.parse(files[0]?.modified ?? '') - Date.now())).toBeLessThan(600_000);
  });

  it('can be looked for, made and removed', async () => {
    const exists = async (path: string) => existsReply.parse((await api.call('GET', `/files/exists?path=${at(path)}`)).body).exists;
    expect((await api.call('POST', '/files/mkdir', { path: 'x/y/z' })).status).toBe(200);
    expect((await api.call('POST', '/files/mkdir', { path: 'x/y/z' })).status).toBe(200);
    await write('x/y/z/file', '1');
    expect([await exists('x/y/z'), await exists('x/y/z/file'), await exists('x/q')]).toEqual([true, true, false]);
    expect((await api.call('DELETE', '/files/remove?path=x')).body).toMatchObject({ success: true });
    expect(await exists('x')).toBe(false);
    expect((await api.call('DELETE', '/files/remove?path=x')).body).toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect((await api.call('POST', '/files/mkdir', { path: 'f/sub' })).body).toMatchObject({ code: 'FILE_ALREADY_EXISTS' });
  });
});

describe('nothing leads out of the sandbox', () => {
  it.each(['/etc/passwd', '/workspace/../etc/passwd', '/', '/proc/self/environ', '/tmp/coracle/x'])('%s is 403', async (path) => {
    for (const [method, url] of [
      ['GET', '/files/read'],
      ['GET', '/files/download'],
      ['GET', '/files/list'],
      ['DELETE', '/files/remove'],
    ] as const)
      expect((await api.call(method, `${url}?path=${at(path)}`)).body).toMatchObject({ code: 'PATH_NOT_ALLOWED', path });
    expect((await write(path, 'x')).body).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
  });

  it('no link does', async () => {
    await bash('ln -s /etc/passwd passwd; ln -s /etc etc; ln -s /nowhere dangling; mkdir -p in; echo i > in/side; ln -s in inner');
    for (const path of ['passwd', 'etc/passwd', 'etc'])
      expect((await api.call('GET', `/files/read?path=${path}`)).body).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    for (const path of ['passwd', 'etc/new', 'dangling']) expect((await write(path, 'x')).body).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    expect((await api.call('GET', '/files/list?path=etc')).body).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    expect((await read('inner/side')).content).toBe('i\n');
    expect((await api.call('DELETE', '/files/remove?path=etc')).status).toBe(200);
  });

  it('no fifo is waited for', async () => {
    await bash('mkfifo fifo');
    expect((await api.call('GET', '/files/read?path=fifo')).body).toMatchObject({ code: 'INVALID_PATH' });
    expect((await write('fifo', 'x')).body).toMatchObject({ code: 'INVALID_PATH' });
  });

  it.each(['/workspace', '/tmp'])('%s itself stays', async (path) => {
    expect((await api.call('DELETE', `/files/remove?path=${path}`)).body).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
  });
});

describe('large files', () => {
  it('are uploaded before it is said where to, and downloaded, exact', async () => {
    const bytes = randomBytes(50 * 1024 * 1024);
    const { status, body } = await upload([
      ['file', bytes],
      ['path', '/workspace/large.bin'],
      ['mode', '0600'],
    ]);
    expect({ status, body }).toMatchObject({ status: 200, body: { size: bytes.length, path: '/workspace/large.bin' } });
    expect((await download('large.bin')).equals(bytes)).toBe(true);
    expect((await bash('find large.bin -printf "%m\\n"')).stdout).toBe('600\n');
    expect((await bytesUploaded()).length).toBe(0);
  });

  it('over the limit are refused on every way, and leave nothing', async () => {
    const bytes = Buffer.alloc(64 * 1024 * 1024 + 1);
    expect(
      await upload([
        ['path', 'huge'],
        ['file', bytes],
      ]),
    ).toMatchObject({ status: 413, body: { code: 'FILE_TOO_LARGE' } });
    expect((await write('huge', bytes.toString('base64'), { encoding: 'base64' })).status).toBe(413);
    await bash('truncate -s 64M huge-one; printf x >> huge-one');
    expect((await api.call('GET', '/files/download?path=huge-one')).body).toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect((await api.call('GET', '/files/exists?path=huge')).body).toMatchObject({ exists: false });
    expect((await bytesUploaded()).length).toBe(0);
  });

  it.each([[[]], [[['path', 'x']]], [[['file', Buffer.from('x')]]]] as [[string, string | Buffer][]][])(
    'a form that is not whole is 400: %j',
    async (parts) => {
      expect((await upload(parts)).status).toBe(400);
    },
  );
});

async function bytesUploaded(): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  return readdir(`${server.dataDir}/uploads`);
}

it('a client that leaves in the middle of a download leaves no container', async () => {
  await bash('head -c 60000000 /dev/urandom > big');
  const leaving = new AbortController();
  const response = await fetch(`${server.url}/files/download?path=big`, { headers: { Authorization: `Bearer ${api.token}` }, signal: leaving.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  await until(async () => (await containersOf(server.instance)).length === 0, 'the helper to be gone');
});

it('many calls at once all get their answer', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => write(`many/${index}`, String(index))));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect((await api.call('GET', '/files/list?path=many')).body).toMatchObject({ count: 12 });
});
