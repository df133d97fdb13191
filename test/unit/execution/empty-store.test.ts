import { expect, test } from 'vitest';
import { leaveContainer, leaveQueued } from '../../support/leftovers.ts';
import { createPlace, createServer, type Place, SCOPE, untilOver } from '../../support/place.ts';

const FOREVER = { ends: 'never' } as const;

async function leaveContainers(place: Parameters<typeof leaveContainer>[0], count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await leaveContainer(place, `proc_${index}`);
}

/** Starts as src/compose does; rejects when the store looks lost. */
async function start(place: Place, options: Parameters<typeof createServer>[1] = {}) {
  const server = createServer(place, options);
  const { opened } = await server.recover();
  await opened;
  return server;
}

test('an empty store beside three containers looks lost: nothing starts and nothing is removed', async () => {
  await using place = await createPlace(() => FOREVER);
  await leaveContainers(place, 3);
  const server = createServer(place);
  const { opened } = await server.recover();
  await expect(opened).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(/3 containers.*CORACLE_ALLOW_EMPTY_STORE=true/) });
  expect(await place.engine.list()).toHaveLength(3);
  await server.submit();
  expect(server.scheduler.counts()).toEqual({ running: 0, queued: 1 });
});

test('it looks lost also when the engine answers only later', async () => {
  await using place = await createPlace(() => FOREVER);
  await leaveContainers(place, 3);
  place.engine.goAway();
  const { opened } = await createServer(place).recover();
  place.engine.comeBack();
  await expect(opened).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(await place.engine.list()).toHaveLength(3);
});

test('with leave to do so, they are removed', async () => {
  await using place = await createPlace(() => FOREVER);
  await leaveContainers(place, 3);
  await start(place, { allowEmptyStore: true });
  expect(await place.engine.list()).toEqual([]);
});

test('two containers may be left of records that have expired: they are removed', async () => {
  await using place = await createPlace(() => FOREVER);
  const { id } = await place.sandboxes.ensure(SCOPE);
  for (const process of ['proc_1', 'proc_2']) await leaveContainer(place, process, id);
  await start(place);
  expect(await place.engine.list()).toEqual([]);
});

test('one workspace that an empty store does not know is enough to look lost', async () => {
  await using place = await createPlace();
  await (await leaveContainer(place, 'proc_1', 'sbx_unknown')).remove();
  await expect(start(place)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('1 unknown workspaces') });
  expect(await place.engine.listVolumes()).toEqual(['sbx_unknown']);
});

test.each(['queued', 'completed'] as const)('a store with one %s record is not lost, and containers that it does not know are removed', async (status) => {
  await using place = await createPlace(({ sandboxId }) => (sandboxId === 'sandbox' ? FOREVER : {}));
  const record = await leaveQueued(place, { status, endedAt: status === 'completed' ? 5 : null });
  await leaveContainers(place, 5);
  await start(place);
  expect(await untilOver(place, record)).toMatchObject({ status: 'completed' });
  expect(await place.engine.list()).toEqual([]);
});

test('containers of other servers do not make a store look lost', async () => {
  await using place = await createPlace(() => FOREVER);
  const foreign = place.engine.as('another');
  await leaveContainers({ engine: { ...place.engine, ...foreign } }, 3);
  await start(place);
  expect(await foreign.list()).toHaveLength(3);
});
