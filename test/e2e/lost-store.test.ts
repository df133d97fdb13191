import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { type BuiltServer, buildServer } from '../support/built.ts';
import { containersOf } from '../support/docker.ts';
import { engineProxy } from '../support/engine-proxy.ts';
import { until } from '../support/until.ts';

const COUNT = 3;

/** Leaves containers and their output behind, and nothing of the store that knew them. */
async function loseStore(server: BuiltServer): Promise<void> {
  const api = await apiOf(server);
  const ids = await Promise.all(Array.from({ length: COUNT }, () => api.submit({ language: 'bash', code: 'echo up; sleep 600' })));
  await until(async () => (await Promise.all(ids.map((id) => api.get(id)))).every(({ stdout }) => stdout === 'up\n'), 'the programs to be up');
  await server.stop('SIGKILL');
  for (const suffix of ['', '-wal', '-shm']) await rm(join(server.dataDir, `coracle.sqlite${suffix}`), { force: true });
}

async function expectAllLeft(server: BuiltServer): Promise<void> {
  expect((await containersOf(server.instance)).map(({ State }) => State)).toEqual(Array.from({ length: COUNT }, () => 'running'));
  expect(await readdir(join(server.dataDir, 'output'))).toHaveLength(COUNT);
}

it('a server whose store was lost does not start, says what to do, and removes nothing', async () => {
  await using server = await buildServer({ CORACLE_POOL: 'off', CORACLE_SWEEP_SECONDS: '0.1' });
  await loseStore(server);
  await expect(server.start()).rejects.toThrow(/coracle: The store is empty.* 3 containers.*CORACLE_ALLOW_EMPTY_STORE=true/);
  await expectAllLeft(server);
});

it('nor does it remove anything when the engine answers only after it has begun to listen', async () => {
  await using proxy = await engineProxy();
  await using server = await buildServer({ CORACLE_POOL: 'off', CORACLE_SWEEP_SECONDS: '0.1', DOCKER_HOST: proxy.host });
  await loseStore(server);
  await proxy.close();
  await server.start();
  await proxy.open();
  expect(await server.ended()).toBe(1);
  expect(server.output()).toMatch(/^coracle: The store is empty.*CORACLE_ALLOW_EMPTY_STORE=true/m);
  await expectAllLeft(server);
});
