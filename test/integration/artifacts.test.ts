import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer();
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const download = (id: string, path: string, token = api.token) =>
  fetch(`${server.url}/execute/processes/${id}/artifacts?path=${encodeURIComponent(path)}`, { headers: { Authorization: `Bearer ${token}` } });

const CODE = `
import os
os.makedirs('deep/er', exist_ok=True)
open('a b.bin', 'wb').write(bytes(range(256)) * 1000)
open('deep/er/ä*.txt', 'w').write('ä')
open('deep/skipped.log', 'w').write('x')
os.symlink('/etc/passwd', 'link.bin')
os.mkdir('folder.bin')
open('/tmp/' + 'out.txt', 'w').write('tmp')
raise SystemExit(3)`;

it('files that fit are kept as they were, and nothing else is', async () => {
  const artifacts = ['*.bin', '**/*.txt', '/tmp/out.txt', 'none/*'];
  const { process_id: id, ...process } = await api.run({ code: CODE, working_dir: '/workspace/job', artifacts });
  expect(process).toMatchObject({
    status: 'failed',
    exit_code: 3,
    artifacts: [
      { path: '/tmp/out.txt', size: 3, available: true },
      { path: '/workspace/job/a b.bin', size: 256_000, available: true },
      { path: '/workspace/job/deep/er/ä*.txt', size: 2, available: true },
    ],
  });
  await api.run({ language: 'bash', code: 'rm -r *; echo changed > "a b.bin"', working_dir: '/workspace/job' });
  const bytes = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from(Array.from({ length: 256 }, (_, value) => value))));
  const response = await download(id, 'a b.bin');
  expect([response.status, response.headers.get('content-length'), response.headers.get('content-type')]).toEqual([200, '256000', 'application/octet-stream']);
  const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  expect(sha(new Uint8Array(await response.arrayBuffer()))).toBe(sha(bytes));
  expect(await (await download(id, '/workspace/job/deep/er/ä*.txt')).text()).toBe('ä');
  for (const path of ['/etc/passwd', 'link.bin', 'deep/skipped.log', '../job/x', '']) expect([400, 404]).toContain((await download(id, path)).status);
  const stranger = await apiOf(server, 'globex');
  expect((await download(id, 'a b.bin', stranger.token)).status).toBe(404);
});

it('patterns are no words of a shell', async () => {
  const artifacts = ['$(touch /workspace/hacked)', '`touch /workspace/hacked`', "'; touch /workspace/hacked; '", '--checkpoint-action=exec=sh', '-T'];
  expect(await api.run({ language: 'bash', code: 'echo x > -T', artifacts })).toMatchObject({
    status: 'completed',
    artifacts: [{ path: '/workspace/-T', size: 2 }],
  });
  expect(await api.run({ language: 'bash', code: 'ls', artifacts: [] })).toMatchObject({ artifacts: [], stdout: expect.not.stringContaining('hacked') });
});

it.each([['/etc/*'], ['../*'], ['a\nb']])('%j is refused', async (pattern) => {
  const { status, body } = await api.call('POST', '/execute/background', { code: '1', artifacts: [pattern] });
  expect([status, body['message']]).toEqual([400, expect.stringMatching(/^artifacts: /)]);
});

it('after a time-out what is there is kept, after a kill it is not', async () => {
  const code = 'echo x > left.txt; sleep 60';
  const timedOut = await api.run({ language: 'bash', code, artifacts: ['left.txt'], timeout: 1 });
  expect(timedOut).toMatchObject({ timed_out: true, artifacts: [{ path: '/workspace/left.txt', size: 2 }] });
  const id = await api.submit({ language: 'bash', code, artifacts: ['left.txt'] });
  await api.kill(id);
  expect(await api.get(id)).toMatchObject({ status: 'killed', artifacts: null });
});
