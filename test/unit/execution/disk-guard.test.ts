import { expect, test } from 'vitest';
import { createDiskGuard } from '../../../src/execution/disk-guard.ts';
import { UNLIMITED } from '../../../src/tenancy/limits.ts';
import { createPlace, startServer, untilOver, untilStatus } from '../../support/place.ts';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('the processes of a sandbox that writes beyond its bounds end, and say why; those of another go on', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place);
  const writer = await server.submit({}, { tenant: 'acme', sandbox: 'writer' });
  const other = await server.submit({}, { tenant: 'acme', sandbox: 'other' });
  for (const process of [writer, other]) await untilStatus(place, process, 'running');
  const { id } = await place.sandboxes.ensure(writer.scope);
  const taken = new Map([[id, 0]]);
  const guard = createDiskGuard({
    ...place,
    supervisor: server.supervisor,
    engine: { diskUse: async (ids) => ({ bytes: new Map(ids.map((one) => [one, taken.get(one) ?? 0])), freeBytes: undefined }) },
    limitsOf: () => UNLIMITED,
    workspaceBytes: 100,
    leastFreeBytes: 1,
    log: LOG,
  });
  await guard();
  taken.set(id, 101);
  await guard();
  expect(await untilOver(place, writer)).toMatchObject({
    status: 'failed',
    failure: { kind: 'disk_limit', message: expect.stringContaining('Remove files first') },
  });
  expect(await untilStatus(place, other, 'running')).toMatchObject({ cause: null });
});

test('nothing is asked of the engine while nothing runs', async () => {
  await using place = await createPlace();
  const server = startServer(place);
  const refuse = async () => Promise.reject(new Error('asked'));
  const guard = createDiskGuard({
    ...place,
    supervisor: server.supervisor,
    engine: { diskUse: refuse },
    limitsOf: () => UNLIMITED,
    workspaceBytes: 1,
    leastFreeBytes: 1,
    log: LOG,
  });
  await expect(guard()).resolves.toBeUndefined();
});
