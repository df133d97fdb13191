import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import type { ContainerEngine } from '../../src/engine/container-engine.ts';
import { connectDocker } from '../../src/engine/docker/connect.ts';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { shareStarts } from '../../src/engine/fair-starts.ts';
import { createPool } from '../../src/engine/pool.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { createFakeFirewall } from '../support/fake-firewall.ts';
import { imageReference } from '../support/images.ts';
import { describeContainerEngine } from './container-engine.ts';
import type { EngineHarness } from './engine-harness.ts';
import { scriptOf } from './programs.ts';

/** As the server has it: with its starts shared between tenants, and containers made ahead of every call. Or as it is. */
function maybePooled(engine: ContainerEngine, isPooled: boolean): ContainerEngine & { close(): Promise<void> } {
  return isPooled
    ? createPool({ engine: shareStarts({ engine, besideOthers: 1 }), mostPerSandbox: 2, room: () => 4 })
    : { ...engine, close: async () => undefined };
}

describe.each([false, true])('with a pool: %s', (isPooled) => {
  describeContainerEngine('fake', () => {
    let isUnstarted = false;
    const engine = createFakeEngine({ program: (spec) => (isUnstarted ? { startLost: 'created' } : scriptOf(spec)) });
    return {
      engine: maybePooled(engine, isPooled),
      foreign: engine.as('another'),
      sandboxId: 'sandbox',
      removeFromOutside: async (containerId) => engine.vanish(containerId),
      async leaveUnstarted(spec) {
        isUnstarted = true;
        await engine.prepare(spec, new AbortController().signal).catch(() => undefined);
        isUnstarted = false;
        return (await engine.list()).at(-1)?.id ?? '';
      },
      async leaveWaiting(spec) {
        const { id } = await engine.prepare(spec, new AbortController().signal);
        engine.abandon(id);
        return id;
      },
      endLauncher: async ({ id }) => engine.vanish(id),
      dispose: async () => undefined,
    };
  });

  describeContainerEngine('Docker', () => {
    const docker = connectDocker();
    const instance = `test-${randomUUID()}`;
    const sandboxId = `test-${randomUUID()}`;
    const egress = { firewall: createFakeFirewall(), subnets: ['198.19.0.0/16'], prefix: 29, resolvers: ['203.0.113.53'], isOffered: () => true };
    const engine = maybePooled(createDockerEngine({ docker, instance, imageReference, egress }), isPooled);
    const traits = {
      instance,
      imageReference,
      cpus: 1,
      cgroupVersion: 1,
      cgroupDriver: null,
      workspaceBytes: 2 ** 26,
      resolvers: [],
      defaultRuntime: 'runc',
      gvisorRuntimes: [],
    } as const;
    const harness: EngineHarness = {
      engine,
      foreign: createDockerEngine({ docker, instance: `${instance}-another`, imageReference }),
      sandboxId,
      removeFromOutside: (containerId) => docker.getContainer(containerId).remove({ force: true }),
      leaveUnstarted: async (spec) => (await docker.createContainer(containerOptions(spec, traits))).id,
      async leaveWaiting(spec) {
        const container = await docker.createContainer(containerOptions(spec, traits));
        const socket = await container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true });
        await container.start();
        (socket as NodeJS.ReadWriteStream & { destroy(): void }).destroy();
        return container.id;
      },
      endLauncher: ({ id }) => docker.getContainer(id).kill(),
      async dispose() {
        await engine.close();
        for (const { id } of await engine.list()) await engine.remove(id);
        for (const left of await engine.listNetworks()) await engine.removeNetwork(left);
        for (const left of await engine.listVolumes()) await engine.removeVolume(left);
      },
    };
    return harness;
  });
});
