import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContainerEngine, RunningContainer } from '../../src/engine/container-engine.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { ContainerExit } from '../../src/process/outcome.ts';
import { collect, jobOf, readUntil } from '../contract/engine-harness.ts';
import { cleanEngine } from '../support/docker.ts';
import { type EngineProxy, engineProxy } from '../support/engine-proxy.ts';
import { imageReference } from '../support/images.ts';
import { specOf } from '../support/leftovers.ts';

const instance = `test-${randomUUID()}`;

/** As an engine answers that has noted the lack of memory only after the exit; no byte more or less, because the answer's length goes before it. */
function unnoted(answered: Buffer): Buffer {
  return Buffer.from(answered.toString('latin1').replaceAll('"OOMKilled":true', '"OOMKilled":null'), 'latin1');
}

let proxy: EngineProxy;
let engine: ContainerEngine;
beforeAll(async () => {
  proxy = await engineProxy(unnoted);
  engine = createDockerEngine({ docker: new Docker({ socketPath: proxy.host.replace('unix://', '') }), instance, imageReference });
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await cleanEngine(instance);
});

/** `whenReady` follows on the word "ready". */
async function exitOf(code: string, runtime: string, whenReady?: (container: RunningContainer) => Promise<void>): Promise<ContainerExit> {
  const prepared = await engine.prepare({ ...specOf(randomUUID()), runtime }, new AbortController().signal);
  const container = await prepared.begin(jobOf('quiet', { code }));
  if (!container) throw new Error('the container has not taken its job');
  await (whenReady ? readUntil(container, 'ready\n') : collect(container));
  await whenReady?.(container);
  const exit = await container.exit;
  await container.remove();
  return exit;
}

it.each(['runc', 'runsc'])('a lack of memory on %s is known also where the engine notes it too late for its state', async (runtime) => {
  expect(await exitOf('exec tail /dev/zero', runtime)).toMatchObject({ kind: 'exited', exitCode: 137, oomKilled: true });
});

it('so is one after a signal of ours', async () => {
  const exit = await exitOf('trap "exec tail /dev/zero" USR1; echo ready; while :; do sleep 0.1; done', 'runc', ({ signal }) => signal('SIGUSR1'));
  expect(exit).toMatchObject({ kind: 'exited', exitCode: 137, oomKilled: true });
});

it('a program that kills itself lacked none', async () => {
  expect(await exitOf('kill -9 $$', 'runc')).toMatchObject({ kind: 'exited', exitCode: 137, oomKilled: false });
});

it('nor did one that we killed', async () => {
  expect(await exitOf('echo ready; exec sleep 600', 'runc', ({ signal }) => signal('SIGKILL'))).toMatchObject({
    kind: 'exited',
    exitCode: 137,
    oomKilled: false,
  });
});
