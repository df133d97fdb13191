import { randomUUID } from 'node:crypto';
import { connectDocker } from '../../src/engine/docker/connect.ts';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { volumeName } from '../../src/engine/docker/labels.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { imageReference } from '../support/images.ts';
import { describeContainerEngine } from './container-engine.ts';
import type { EngineHarness } from './engine-harness.ts';
import { scriptOf } from './programs.ts';

describeContainerEngine('fake', () => {
  let isUnstarted = false;
  const engine = createFakeEngine({ program: (spec) => (isUnstarted ? { startLost: 'created' } : scriptOf(spec)) });
  return {
    engine,
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
  const engine = createDockerEngine({ docker, instance, imageReference });
  const harness: EngineHarness = {
    engine,
    foreign: createDockerEngine({ docker, instance: `${instance}-another`, imageReference }),
    sandboxId,
    removeFromOutside: (containerId) => docker.getContainer(containerId).remove({ force: true }),
    leaveUnstarted: async (spec) => (await docker.createContainer(containerOptions(spec, { instance, imageReference, cpus: 1, cgroupVersion: 1 }))).id,
    async leaveWaiting(spec) {
      const container = await docker.createContainer(containerOptions(spec, { instance, imageReference, cpus: 1, cgroupVersion: 1 }));
      const socket = await container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true });
      await container.start();
      (socket as NodeJS.ReadWriteStream & { destroy(): void }).destroy();
      return container.id;
    },
    endLauncher: ({ id }) => docker.getContainer(id).kill(),
    async dispose() {
      for (const { id } of await engine.list()) await engine.remove(id);
      await docker.getVolume(volumeName(sandboxId)).remove();
    },
  };
  return harness;
});
