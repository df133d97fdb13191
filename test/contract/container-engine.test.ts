import { randomUUID } from 'node:crypto';
import { connectDocker } from '../../src/engine/docker/connect.ts';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { containerName, volumeName } from '../../src/engine/docker/labels.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { imageReference } from '../support/images.ts';
import { describeContainerEngine } from './container-engine.ts';
import type { EngineHarness } from './engine-harness.ts';
import { scriptOf } from './programs.ts';

describeContainerEngine('fake', () => {
  const unstarted = new Set<string>();
  const engine = createFakeEngine({ program: (spec) => (unstarted.has(spec.processId) ? { startLost: 'created' } : scriptOf(spec)) });
  return {
    engine,
    foreign: engine.as('another'),
    sandboxId: 'sandbox',
    removeFromOutside: async (processId) => engine.vanish(processId),
    async leaveUnstarted(spec) {
      unstarted.add(spec.processId);
      await engine.start(spec, new AbortController().signal).catch(() => undefined);
    },
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
    removeFromOutside: (processId) => docker.getContainer(containerName(processId)).remove({ force: true }),
    async leaveUnstarted(spec) {
      await docker.createContainer(containerOptions(spec, { instance, imageReference, cpus: 1, cgroupVersion: 1 }));
    },
    async dispose() {
      for (const { id } of await engine.list()) await engine.remove(id);
      await docker.getVolume(volumeName(sandboxId)).remove();
    },
  };
  return harness;
});
