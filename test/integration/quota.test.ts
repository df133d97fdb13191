import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { workspacesOf } from '../support/docker.ts';
import { imageOf, mountsOf, unmountHost } from '../support/mounted.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const SETTINGS = { CORACLE_WORKSPACE_QUOTA: 'hard', CORACLE_WORKSPACE_MB: '32', CORACLE_LOG_LEVEL: 'fatal' };

let server: TestServer;
let api: Api;
beforeAll(async () => {
  server = await openServer(SETTINGS);
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const bash = (code: string) => ({ language: 'bash', code, timeout: 60 });
const FILL = (folder: string) =>
  `i=0; while head -c 1000000 /dev/zero > ${folder}/full-$i; do i=$((i+1)); [ $i = 100 ] && echo ESCAPED && break; done 2>&1; find ${folder} -mindepth 1 | wc -l`;
/** The only sandbox of a server that has one mounted. */
const onlySandbox = async (one: TestServer) => basename((await mountsOf(one))[0] ?? '');

it('a program is told that its disk is full at its limit, for both folders together, and everything else goes on', async () => {
  const beside = await api.submit(bash('for i in $(seq 100); do [ -e /tmp/done ] && break; sleep 0.2; done; echo went on'));
  const [other, full] = [await apiOf(server, 'other'), await api.run(bash(FILL('/workspace')))];
  expect(full).toMatchObject({ status: 'completed', stdout: expect.stringMatching(/No space left on device\n[23]\d\n$/) });
  expect(await api.run(bash('head -c 1000000 /dev/zero > /tmp/more'))).toMatchObject({ status: 'failed', stderr: expect.stringContaining('No space left') });
  expect(await other.run(bash('head -c 20000000 /dev/zero > /workspace/mine && echo fine'))).toMatchObject({ stdout: 'fine\n' });
  const sandboxes = (await mountsOf(server)).map((path) => basename(path));
  expect(sandboxes).toHaveLength(2);
  for (const id of sandboxes) expect(await imageOf(server, id)).toMatchObject({ size: 32 * MIB });
  expect(await api.run(bash('rm /workspace/full-* /tmp/more; touch /tmp/done; echo clean'))).toMatchObject({ stdout: 'clean\n' });
  expect(await api.ended(beside)).toMatchObject({ status: 'completed', stdout: 'went on\n' });
});

it('empty files are bounded too, and nobody is ended for them', async () => {
  const hoarder = await apiOf(server, 'hoarder');
  const code =
    'import os\nn = 0\ntry:\n  while n < 1_000_000: os.close(os.open(f"/workspace/{n}", os.O_CREAT)); n += 1\nexcept OSError as e: print(e.errno, n < 10_000)';
  expect(await hoarder.run({ language: 'python', code, timeout: 60 })).toMatchObject({ status: 'completed', stdout: '28 True\n' });
});

it('programs run from both folders, and a setuid file there gives nothing', async () => {
  const code =
    'for d in /workspace /tmp; do cp /bin/true $d/t; chmod 4755 $d/t; $d/t && echo ran; grep " $d " /proc/self/mounts | cut -d" " -f4 | cut -d, -f1-3; done';
  expect(await api.run(bash(code))).toMatchObject({ stdout: 'ran\nrw,nosuid,nodev\nran\nrw,nosuid,nodev\n' });
});

it('files are there after a restart of the server, and after one of the host, and what runs meanwhile goes on', async () => {
  await using first = await openServer(SETTINGS);
  const before = await apiOf(first);
  await before.run(bash('echo kept > /workspace/kept; mkdir /tmp/folder'));
  const running = await before.submit(bash('sleep 3; cat /workspace/kept'));
  await until(async () => (await before.get(running)).status === 'running', 'the program to run');
  await first.close();
  await using second = await openServer({ ...SETTINGS, CORACLE_DATA_DIR: first.dataDir });
  const after = await apiOf(second);
  expect(await after.ended(running)).toMatchObject({ status: 'completed', stdout: 'kept\n' });
  await second.close();
  await unmountHost(second);
  expect(await mountsOf(second)).toEqual([]);
  await using third = await openServer({ ...SETTINGS, CORACLE_DATA_DIR: first.dataDir });
  expect(await (await apiOf(third)).run(bash('cat /workspace/kept; echo /tmp/f*'))).toMatchObject({ stdout: 'kept\n/tmp/folder\n' });
});

it('nothing of a deleted sandbox is left on the host', async () => {
  await using one = await openServer(SETTINGS);
  const own = await apiOf(one);
  await own.run(bash('echo x > /workspace/x'));
  expect(await mountsOf(one)).toHaveLength(1);
  const { body } = await own.call<{ sandboxes: { id: string }[] }>('GET', '/v1/sandboxes');
  const id = await onlySandbox(one);
  expect(JSON.stringify(body)).toContain(id);
  await own.call('DELETE', `/v1/sandboxes/${id}`);
  await until(async () => (await mountsOf(one)).length === 0, 'the filesystem to be unmounted');
  await until(async () => (await readdir(join(one.dataDir, 'workspaces', one.instance))).every((name) => name.startsWith('.')), 'the image to be deleted');
  expect(await workspacesOf(one.instance)).toEqual([]);
});

it('what belongs to no sandbox is swept, mounted or not', async () => {
  await using one = await openServer({ ...SETTINGS, CORACLE_SWEEP_SECONDS: '0.2' });
  await (await apiOf(one)).run(bash('true'));
  const images = join(one.dataDir, 'workspaces', one.instance);
  for (const left of ['sbx_aaaaaaaaaaaaaaaaaaaaaa.img', 'sbx_bbbbbbbbbbbbbbbbbbbbbb.img.new']) await writeFile(join(images, left), '');
  const known = `${await onlySandbox(one)}.img`;
  await until(async () => (await readdir(images)).filter((name) => !name.startsWith('.')).join() === known, 'the images of nobody to be deleted');
});

it('a sandbox from before keeps its files, and is counted until it is removed', async () => {
  await using first = await openServer({ ...SETTINGS, CORACLE_WORKSPACE_QUOTA: 'accounting' });
  await (await apiOf(first)).run(bash('echo kept > /workspace/kept'));
  expect(await mountsOf(first)).toEqual([]);
  await first.close();
  await using second = await openServer({ ...SETTINGS, CORACLE_DATA_DIR: first.dataDir });
  const [old, fresh] = [await apiOf(second), await apiOf(second, 'fresh')];
  expect(await old.run(bash('cat /workspace/kept'))).toMatchObject({ stdout: 'kept\n' });
  expect(await fresh.run(bash('echo own > /workspace/own'))).toMatchObject({ status: 'completed' });
  expect(await mountsOf(second)).toHaveLength(1);
  const slow = FILL('/workspace').replace('done 2>', 'sleep 0.1; done 2>');
  expect(await old.run(bash(slow))).toMatchObject({ status: 'failed', failure: { kind: 'disk_limit' } });
  await second.close();
  await using third = await openServer({ ...SETTINGS, CORACLE_WORKSPACE_QUOTA: 'accounting', CORACLE_DATA_DIR: first.dataDir });
  expect(await (await apiOf(third, 'fresh')).run(bash('cat /workspace/own; df --output=size -m /workspace | tail -1'))).toMatchObject({
    stdout: expect.stringMatching(/^own\n +3[012]\n$/),
  });
});

it("a tenant's own limit is the size of its sandboxes", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coracle-tenants-'));
  const file = join(folder, 'tenants.json');
  await writeFile(file, JSON.stringify({ defaults: {}, tenants: { small: { workspace_mb: 16 } } }));
  await using one = await openServer({ ...SETTINGS, CORACLE_TENANTS_FILE: file });
  expect(await (await apiOf(one, 'small')).run(bash('df --output=size -m /tmp | tail -1'))).toMatchObject({ stdout: expect.stringMatching(/^ +1[56]\n$/) });
  expect((await imageOf(one, await onlySandbox(one))).size).toBe(16 * MIB);
  await rm(folder, { recursive: true });
});

it('where the quota cannot be held the server does not start with it, and says what is missing; without it, it counts', async () => {
  const memory = { CORACLE_DATA_DIR: await mkdtemp('/dev/shm/coracle-'), CORACLE_LOG_LEVEL: 'fatal' };
  await expect(openServer({ ...SETTINGS, ...memory })).rejects.toThrow(
    /counting alone: the data folder is in memory.*CORACLE_DATA_DIR.*CORACLE_WORKSPACE_QUOTA=auto/s,
  );
  await rm(memory.CORACLE_DATA_DIR, { recursive: true });
  const again = { ...memory, CORACLE_DATA_DIR: await mkdtemp('/dev/shm/coracle-') };
  await using counting = await openServer(again);
  expect(await (await apiOf(counting)).run(bash('echo fine'))).toMatchObject({ stdout: 'fine\n' });
  expect(await mountsOf(counting)).toEqual([]);
});
