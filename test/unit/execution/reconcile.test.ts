import { expect, test } from 'vitest';
import { CoracleError } from '../../../src/errors.ts';
import { createReconciler } from '../../../src/execution/reconcile.ts';
import { leaveContainer, leaveQueued, leaveRunning, leaveSpool, specOf } from '../../support/leftovers.ts';
import { createPlace, createServer, outputOf, type Place, read, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { until } from '../../support/until.ts';

/** Older than the time that a server gets to take notice of a container. */
const OLD = { ends: 'never', age: 61_000 } as const;

async function processesOnEngine({ engine }: Place): Promise<string[]> {
  return (await engine.list()).map(({ processId }) => processId);
}

test('a container without a record is removed, at the second look', async () => {
  await using place = await createPlace(() => OLD);
  const server = startServer(place);
  await leaveContainer(place, 'proc_unknown');
  await server.sweep();
  expect(await processesOnEngine(place)).toEqual(['proc_unknown']);
  await server.sweep();
  expect(await processesOnEngine(place)).toEqual([]);
});

test('a container of a record that has ended is removed, and the record stays as it is', async () => {
  await using place = await createPlace(() => OLD);
  const server = startServer(place);
  const ended = await leaveRunning(place, { status: 'killed', endedAt: 5 });
  for (let round = 0; round < 2; round += 1) await server.sweep();
  expect(await processesOnEngine(place)).toEqual([]);
  expect(await read(place, ended)).toEqual(ended);
});

test('a container that was just made is left alone, however often one looks', async () => {
  await using place = await createPlace(() => ({ ...OLD, age: 50_000 }));
  const server = startServer(place);
  const { id } = await place.sandboxes.ensure(SCOPE);
  await leaveContainer(place, 'proc_unknown', id);
  for (let round = 0; round < 5; round += 1) await server.sweep();
  expect(await processesOnEngine(place)).toEqual(['proc_unknown']);
});

test('a container of another server is none of ours', async () => {
  await using place = await createPlace(() => OLD);
  const server = startServer(place);
  const foreign = place.engine.as('another');
  await leaveContainer({ engine: { ...place.engine, ...foreign } }, 'proc_foreign');
  for (let round = 0; round < 3; round += 1) await server.sweep();
  expect(await foreign.list()).toHaveLength(1);
  expect(await foreign.listVolumes()).toHaveLength(1);
});

test('a volume of no sandbox is removed at the second look, and that of a sandbox stays', async () => {
  await using place = await createPlace(() => OLD);
  const server = startServer(place);
  const { id } = await place.sandboxes.ensure(SCOPE);
  for (const sandbox of [id, 'sbx_unknown']) await leaveContainer(place, `proc_in_${sandbox}`, sandbox);
  for (const { processId } of await place.engine.list()) place.engine.vanish(processId);
  await server.sweep();
  expect(await place.engine.listVolumes()).toEqual([id, 'sbx_unknown']);
  await server.sweep();
  expect(await place.engine.listVolumes()).toEqual([id]);
});

test('a network of no sandbox is removed at the second look, and that of a sandbox stays', async () => {
  await using place = await createPlace(() => OLD);
  const server = startServer(place);
  const { id } = await place.sandboxes.ensure(SCOPE);
  for (const sandboxId of [id, 'sbx_unknown']) {
    const container = await place.engine.prepare({ ...specOf(sandboxId), network: 'internet' }, new AbortController().signal);
    await container.remove();
  }
  await server.sweep();
  expect(await place.engine.listNetworks()).toEqual([id, 'sbx_unknown']);
  await server.sweep();
  expect(await place.engine.listNetworks()).toEqual([id]);
});

test('a spool of no record is removed at the second look, and that of a record stays', async () => {
  await using place = await createPlace();
  const server = startServer(place);
  const { id } = await leaveQueued(place, { status: 'completed', endedAt: 5 });
  for (const owner of [id, 'proc_unknown']) await leaveSpool(place, owner, 'text');
  await server.sweep();
  expect((await place.outputs.list()).toSorted()).toEqual([id, 'proc_unknown'].toSorted());
  await server.sweep();
  expect(await place.outputs.list()).toEqual([id]);
  expect(await outputOf(place, { id })).toBe('text');
});

test('nothing of a process that runs or waits is touched', async () => {
  await using place = await createPlace(() => ({ ...OLD, steps: [{ print: 'so far' }] }));
  const server = startServer(place, { maxRunning: 1 });
  const [running, waiting] = [await server.submit(), await server.submit()];
  await untilStatus(place, running, 'running');
  await until(async () => (await outputOf(place, running)) === 'so far', 'its output');
  for (let round = 0; round < 5; round += 1) await server.sweep();
  expect(await processesOnEngine(place)).toEqual([running.id]);
  expect(await outputOf(place, running)).toBe('so far');
  expect(await place.engine.listVolumes()).toHaveLength(1);
  expect(server.scheduler.counts()).toEqual({ running: 1, queued: 1 });
  expect([(await read(place, running)).status, (await read(place, waiting)).status]).toEqual(['running', 'queued']);
  expect(server.logged).toEqual([]);
});

test('a process that runs in nobody’s hands is taken up at the second look, with all its output', async () => {
  const goOn = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ age: OLD.age, steps: [{ print: 'one two ' }, { wait: goOn.promise }, { print: 'three' }] }));
  const server = startServer(place);
  const record = await leaveRunning(place, { kept: 'one' });
  await server.sweep();
  expect(server.supervisor.has(record.id)).toBe(false);
  await server.sweep();
  expect(server.supervisor.has(record.id)).toBe(true);
  goOn.resolve();
  expect(await untilOver(place, record)).toMatchObject({ status: 'completed', outputComplete: true });
  expect(await outputOf(place, record)).toBe('one two three');
  expect(place.engine.started).toEqual([record.id]);
});

test('a process that waits in no queue is taken up at the second look, and runs', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'ran' }] }));
  const server = startServer(place);
  const record = await leaveQueued(place);
  await server.sweep();
  expect(server.supervisor.has(record.id)).toBe(false);
  await server.sweep();
  expect(await untilOver(place, record)).toMatchObject({ status: 'completed' });
  expect(await outputOf(place, record)).toBe('ran');
});

test('a process in nobody’s hands whose container is gone is lost', async () => {
  await using place = await createPlace(() => OLD);
  const server = startServer(place);
  const record = await leaveRunning(place);
  place.engine.vanish(record.id);
  for (let round = 0; round < 2; round += 1) await server.sweep();
  expect(await untilOver(place, record)).toMatchObject({ status: 'failed', failure: { kind: 'lost' }, exitCode: null, outputComplete: false });
});

test('while the engine is away a look fails and removes nothing, also not from the disk', async () => {
  await using place = await createPlace(() => OLD);
  const server = startServer(place);
  await leaveContainer(place, 'proc_unknown');
  await leaveSpool(place, 'proc_unknown', 'text');
  await server.sweep();
  place.engine.goAway();
  for (let round = 0; round < 3; round += 1) await expect(server.sweep()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  expect(await place.outputs.list()).toEqual(['proc_unknown']);
  place.engine.comeBack();
  expect(await processesOnEngine(place)).toEqual(['proc_unknown']);
  expect(await place.engine.listVolumes()).toHaveLength(1);
  await server.sweep();
  expect([await processesOnEngine(place), await place.engine.listVolumes(), await place.outputs.list()]).toEqual([[], [], []]);
});

test('two servers’ worth of leftovers and one live process: only the leftovers go', async () => {
  await using place = await createPlace(() => OLD);
  const server = createServer(place);
  const { opened } = await server.recover();
  await opened;
  const live = await server.submit();
  await untilStatus(place, live, 'running');
  for (const id of ['proc_a', 'proc_b']) {
    await leaveContainer(place, id);
    await leaveSpool(place, id, id);
  }
  for (let round = 0; round < 2; round += 1) await server.sweep();
  expect(await processesOnEngine(place)).toEqual([live.id]);
  expect(await place.outputs.list()).toEqual([live.id]);
});

test('what cannot be removed keeps nothing else from being removed, and is tried again', async () => {
  await using place = await createPlace(() => OLD);
  let refusals = 1;
  const removeVolume: typeof place.engine.removeVolume = async (sandboxId) => {
    refusals -= 1;
    if (refusals >= 0) throw new CoracleError('ENGINE_REFUSED', 'The volume is in use. See the log.');
    await place.engine.removeVolume(sandboxId);
  };
  const server = startServer(place, { engine: { ...place.engine, removeVolume } });
  await leaveContainer(place, 'proc_unknown');
  await leaveSpool(place, 'proc_unknown', 'text');
  for (let round = 0; round < 2; round += 1) await server.sweep();
  expect([await processesOnEngine(place), await place.outputs.list()]).toEqual([[], []]);
  expect(await place.engine.listVolumes()).toEqual(['sandbox']);
  expect(server.logged).toContainEqual(expect.stringContaining('could not be removed'));
  await server.sweep();
  expect(await place.engine.listVolumes()).toEqual([]);
});

test('a process that is let go in the middle of a look keeps its container, and is taken up', async () => {
  await using place = await createPlace(() => OLD);
  const server = createServer(place);
  const record = await leaveRunning(place);
  let looks = 0;
  const list: typeof place.engine.list = async () => {
    looks += 1;
    return place.engine.list();
  };
  // In its hands until the first look has gone past the records and comes to the engine.
  const supervisor = { ...server.supervisor, has: (id: string) => looks === 0 || server.supervisor.has(id) };
  const { scheduler, helpers, log } = server;
  const sweep = createReconciler({ ...place, engine: { ...place.engine, list }, scheduler, supervisor, helpers, log });
  for (let round = 0; round < 2; round += 1) await sweep();
  expect(await processesOnEngine(place)).toEqual([record.id]);
  await sweep();
  expect(await server.kill(SCOPE, record.id)).toMatchObject({ kind: 'killed' });
});
