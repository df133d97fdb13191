import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createFakeDisk } from '../support/fake-disk.ts';
import { realDisk } from '../support/image-disk.ts';
import { describeSandboxDisk } from './sandbox-disk.ts';

describeSandboxDisk('fake', async () => {
  const [wanted, busy] = [{ is: true }, new Set<string>()];
  const disk = createFakeDisk({ isWanted: () => wanted.is, isBusy: (id) => busy.has(id) });
  return {
    disk,
    unwanted: {
      ...disk,
      async ensure(sandboxId, bytes) {
        wanted.is = false;
        return disk.ensure(sandboxId, bytes, 'bash').finally(() => (wanted.is = true));
      },
    },
    async enter(sandboxId) {
      busy.add(sandboxId);
      return async () => void busy.delete(sandboxId);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
});

describeSandboxDisk('images', async () => {
  const real = await realDisk();
  return {
    disk: real.disk,
    unwanted: real.again({ isWanted: async () => false }),
    async enter(sandboxId) {
      const file = await open(join(real.mountRoot, sandboxId, 'tmp', 'open'), 'w');
      return () => file.close();
    },
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
  };
});
