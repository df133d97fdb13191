import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { createVolumeDisk } from '../../src/engine/docker/disk/volume-disk.ts';
import { LABEL } from '../../src/engine/docker/labels.ts';
import { cleanEngine } from '../support/docker.ts';
import { imageReference } from '../support/images.ts';
import { quotaProxy } from '../support/quota-proxy.ts';
import { describeSandboxDisk } from './sandbox-disk.ts';

describeSandboxDisk('volumes', async () => {
  const proxy = await quotaProxy();
  const instance = `test-${randomUUID()}`;
  const docker = new Docker({ socketPath: proxy.socketPath });
  const options = { docker, instance, imageReference };
  return {
    disk: createVolumeDisk({ ...options, isWanted: async () => true }),
    unwanted: createVolumeDisk({ ...options, isWanted: async () => false }),
    async enter(sandboxId) {
      const Labels = { [LABEL.instance]: instance, [LABEL.sandbox]: sandboxId };
      const container = await docker.createContainer({ Image: imageReference('bash'), Labels });
      return () => container.remove({ force: true });
    },
    async [Symbol.asyncDispose]() {
      await cleanEngine(instance);
      await proxy[Symbol.asyncDispose]();
    },
  };
});
