import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, expect, test } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { collect } from '../contract/engine-harness.ts';
import { cleanEngine, containersOf } from '../support/docker.ts';
import { engineProxy } from '../support/engine-proxy.ts';
import { imageReference } from '../support/images.ts';
import { specOf } from '../support/leftovers.ts';

const instance = `test-${randomUUID()}`;
afterAll(() => cleanEngine(instance));

const JOB = { workingDir: '/workspace', compile: [], run: ['/bin/echo', 'ran'], env: {}, files: [] };

/** A container that waits for its job, made over a connection that the test can cut. */
async function rig() {
  const proxy = await engineProxy();
  const docker = new Docker({ socketPath: proxy.host.replace('unix://', '') });
  const engine = createDockerEngine({ docker, instance, imageReference });
  return {
    proxy,
    prepared: await engine.prepare(specOf(randomUUID()), new AbortController().signal),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

test('a job that was lost with the connection, while its container goes on waiting for it, was taken by nobody', async () => {
  await using held = await rig();
  held.proxy.hold('asked');
  const begun = held.prepared.begin(JOB);
  held.proxy.crash();
  expect(await begun).toBeUndefined();
  expect((await containersOf(instance)).map(({ Id }) => Id)).not.toContain(held.prepared.id);
});

test('a program that has its job, while the word of it was lost with the connection, is followed on', async () => {
  await using held = await rig();
  held.proxy.hold('answered');
  const begun = held.prepared.begin(JOB);
  await expect.poll(async () => (await containersOf(instance)).find(({ Id }) => Id === held.prepared.id)?.State, { timeout: 30_000 }).toBe('exited');
  held.proxy.crash();
  const running = await begun;
  expect(running).toBeDefined();
  if (!running) return;
  expect((await collect(running)).stdout.toString()).toBe('ran\n');
  expect(await running.exit).toMatchObject({ kind: 'exited', exitCode: 0 });
  await running.remove();
});
