import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { RUNSC } from '../../src/setup/gvisor.ts';
import { type Api, apiOf } from '../support/api.ts';
import { type BuiltServer, buildServer } from '../support/built.ts';
import { imageReference } from '../support/images.ts';
import { mountsOf, unmountHost } from '../support/mounted.ts';
import { type EngineSettings, type PrivateEngine, privateEngine } from '../support/private-engine.ts';
import { quotaProxy } from '../support/quota-proxy.ts';
import { until } from '../support/until.ts';

const bash = (code: string) => ({ language: 'bash', code, timeout: 60 });
const TELL = "df --output=size -m /workspace | tail -1 | tr -d ' '; cat /workspace/kept /tmp/kept";

/** A server that gives each sandbox 32 MiB, on an engine of its own that is set up in some way. */
async function onEngine(
  { env, ...settings }: EngineSettings & { readonly env?: NodeJS.ProcessEnv },
  work: (place: { engine: PrivateEngine; server: BuiltServer; api: Api }) => Promise<void>,
): Promise<void> {
  await using engine = await privateEngine(settings);
  await engine.load(imageReference('bash'));
  await using server = await buildServer({
    DOCKER_HOST: engine.host,
    CORACLE_WORKSPACE_QUOTA: 'hard',
    CORACLE_WORKSPACE_MB: '32',
    CORACLE_LOG_LEVEL: 'fatal',
    ...env,
  });
  await work({ engine, server, api: await apiOf(server) });
}

async function isGone(server: BuiltServer, api: Api): Promise<void> {
  await api.call('DELETE', '/v1/sandboxes/default');
  await until(async () => (await mountsOf(server)).length === 0, 'the filesystem to be unmounted');
  await until(
    async () => (await readdir(join(server.dataDir, 'workspaces', server.instance))).every((name) => name.startsWith('.')),
    'the image to be deleted',
  );
}

it('where users of containers are not those of the host, a sandbox has its filesystem too', () =>
  onEngine({ 'userns-remap': 'default' }, async ({ server, api }) => {
    expect(await api.run(bash('echo a > /workspace/kept; echo b > /tmp/kept; mkdir /tmp/own; stat -c %a /workspace /tmp'))).toMatchObject({
      stdout: '1777\n1777\n',
    });
    expect(await api.run(bash('head -c 40M /dev/zero > /tmp/full'))).toMatchObject({ status: 'failed', stderr: expect.stringContaining('No space left') });
    expect(await api.run(bash(TELL))).toMatchObject({ stdout: expect.stringMatching(/^3[012]\na\nb\n$/) });
    await isGone(server, api);
  }));

it('gVisor, which opens the files as root of the user namespace, gets to them there, and users of the host do not', () =>
  onEngine({ 'userns-remap': 'default', runtimes: { runsc: RUNSC }, env: { CORACLE_RUNTIMES: 'runsc' } }, async ({ server, api }) => {
    const program = bash('echo a > /workspace/kept; cat /workspace/kept');
    expect(await api.run({ ...program, runtime: 'runsc' })).toMatchObject({ status: 'completed', stdout: 'a\n' });
    const [mount] = await mountsOf(server);
    const { mode, gid } = await stat(dirname(mount as string));
    expect(mode & 0o777).toBe(0o710);
    expect(gid).toBeGreaterThan(0);
    await isGone(server, api);
  }));

it("the same, where the engine bounds the sandbox's volume; what runs on through a crash of the engine keeps it, and so does who comes then", async () => {
  await using engine = await privateEngine({ 'userns-remap': 'default', 'live-restore': true });
  await engine.load(imageReference('bash'));
  await using proxy = await quotaProxy(engine);
  await using server = await buildServer({ DOCKER_HOST: proxy.host, CORACLE_WORKSPACE_QUOTA: 'hard', CORACLE_WORKSPACE_MB: '32', CORACLE_LOG_LEVEL: 'fatal' });
  const api = await apiOf(server);
  await api.run(bash('echo a > /workspace/kept; echo b > /tmp/kept'));
  expect(await api.run(bash('head -c 40M /dev/zero > /tmp/full'))).toMatchObject({ status: 'failed', stderr: expect.stringContaining('No space left') });
  const writer = await api.submit(bash('while [ ! -e /tmp/end ]; do sleep 0.1; done; rm /tmp/full; echo through > /workspace/kept'));
  await until(async () => (await api.get(writer)).status === 'running', 'the program to run');
  await engine.stop('SIGKILL');
  await engine.start();
  expect(await api.run(bash('mkdir /tmp/end'))).toMatchObject({ status: 'completed' });
  expect(await api.ended(writer)).toMatchObject({ status: 'completed' });
  expect(await api.run(bash(TELL))).toMatchObject({ stdout: expect.stringMatching(/^(28|29|30)\nthrough\nb\n$/) });
  expect([[...proxy.sizes.values()], await mountsOf(server)]).toEqual([[30 * 1024 * 1024], []]);
  await api.call('DELETE', '/v1/sandboxes/default');
  await until(async () => proxy.sizes.size === 0, 'the volume to be removed');
});

it.each(['SIGTERM', 'SIGKILL'] as const)('files are there after an engine that was ended by %s, and what comes then is bounded as before', (signal) =>
  onEngine({}, async ({ engine, server, api }) => {
    await api.run(bash('echo a > /workspace/kept; echo b > /tmp/kept'));
    await engine.stop(signal);
    await engine.start();
    expect(await api.run(bash(TELL))).toMatchObject({ stdout: expect.stringMatching(/^3[012]\na\nb\n$/) });
    await isGone(server, api);
  }),
);

it('what runs on through a crash of the engine writes on, and what starts then sees it', () =>
  onEngine({ 'live-restore': true }, async ({ engine, server, api }) => {
    await api.run(bash('echo a > /workspace/kept; echo b > /tmp/kept'));
    const writer = await api.submit(bash('while [ ! -e /tmp/end ]; do sleep 0.1; done; echo through > /workspace/kept'));
    await until(async () => (await api.get(writer)).status === 'running', 'the program to run');
    await engine.stop('SIGKILL');
    await engine.start();
    expect(await api.run(bash('touch /tmp/end'))).toMatchObject({ status: 'completed' });
    expect(await api.ended(writer)).toMatchObject({ status: 'completed' });
    expect(await api.run(bash(TELL))).toMatchObject({ stdout: expect.stringMatching(/^3[012]\nthrough\nb\n$/) });
    await isGone(server, api);
  }));

it('after a restart of the host, crash of server and engine included, everything is mounted again before anything runs', () =>
  onEngine({}, async ({ engine, server, api }) => {
    await api.run(bash('echo a > /workspace/kept; echo b > /tmp/kept'));
    await server.stop('SIGKILL');
    await engine.stop('SIGKILL');
    await unmountHost(server);
    await engine.start();
    await server.start();
    expect(await api.run(bash(TELL))).toMatchObject({ stdout: expect.stringMatching(/^3[012]\na\nb\n$/) });
    await isGone(server, api);
  }));
