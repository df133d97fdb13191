import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { mountsOf } from '../support/mounted.ts';
import { type QuotaProxy, quotaProxy } from '../support/quota-proxy.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const SETTINGS = { CORACLE_WORKSPACE_QUOTA: 'hard', CORACLE_WORKSPACE_MB: '32', CORACLE_LOG_LEVEL: 'fatal' };

let engine: QuotaProxy;
let server: TestServer;
let api: Api;
beforeAll(async () => {
  engine = await quotaProxy();
  vi.stubEnv('DOCKER_HOST', engine.host);
  server = await openServer(SETTINGS);
  api = await apiOf(server);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

const bash = (code: string) => ({ language: 'bash', code, timeout: 60 });

it('a sandbox gets one volume that the engine bounds, for both folders together, and nothing is mounted for it by the server', async () => {
  const fill =
    'i=0; while head -c 1000000 /dev/zero > /workspace/full-$i; do i=$((i+1)); [ $i = 100 ] && echo ESCAPED && break; done 2>&1; find /workspace /tmp -maxdepth 0 -printf "%m\\n"';
  expect(await api.run(bash(fill))).toMatchObject({ status: 'completed', stdout: expect.stringMatching(/No space left on device\n1777\n1777\n$/) });
  expect(await api.run(bash('head -c 1000000 /dev/zero > /tmp/more'))).toMatchObject({ status: 'failed', stderr: expect.stringContaining('No space left') });
  expect([...engine.sizes.values()]).toEqual([30 * MIB]);
  expect(await mountsOf(server)).toEqual([]);
});

it('who is full is told so by the calls for files too, and can make room by them; another sandbox has room', async () => {
  const refused = await api.call<{ code: string; error: string }>('POST', '/files/write', { path: '/workspace/more', content: 'x'.repeat(100_000) });
  expect(refused).toMatchObject({ status: 422, body: { code: 'FILE_OPERATION_FAILED', message: 'No space left on device.' } });
  expect(await (await apiOf(server, 'other')).run(bash('head -c 20000000 /dev/zero > /workspace/mine && echo fine'))).toMatchObject({ stdout: 'fine\n' });
  expect(await api.call('DELETE', '/files/remove?path=/workspace/full-0')).toMatchObject({ status: 200 });
  expect(await api.run(bash('echo fine > /tmp/more && cat /tmp/more'))).toMatchObject({ stdout: 'fine\n' });
});

it('a sandbox keeps what it has over a restart of the server, whatever is configured then, and takes it away with it', async () => {
  await using first = await openServer(SETTINGS);
  const before = await apiOf(first, 'kept');
  await before.run(bash('echo kept > /workspace/kept'));
  const names = [...engine.sizes.keys()];
  await first.close();
  await using second = await openServer({ ...SETTINGS, CORACLE_WORKSPACE_QUOTA: 'accounting', CORACLE_WORKSPACE_MB: '64', CORACLE_DATA_DIR: first.dataDir });
  const after = await apiOf(second, 'kept');
  expect(await after.run(bash('cat /workspace/kept; df -m --output=size /tmp | tail -1'))).toMatchObject({
    stdout: expect.stringMatching(/^kept\n +(2[89]|30)\n$/),
  });
  expect([...engine.sizes.keys()]).toEqual(names);
  await after.call('DELETE', '/v1/sandboxes/default');
  await until(async () => engine.sizes.size < names.length, 'the volume to be removed');
});
