import { expect, test } from 'vitest';
import { newId } from '../../../src/ids.ts';
import { leaveContainer, leaveQueued, leaveRunning, leaveWaiting } from '../../support/leftovers.ts';
import { createPlace, createServer, outputOf, type Place, read, SCOPE, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const FOREVER = { steps: [{ print: 'so far' }], ends: 'never' } as const;

async function recoverAll(place: Place, maxRunning?: number) {
  const server = createServer(place, maxRunning ? { maxRunning } : {});
  const { opened } = await server.recover();
  await opened;
  return server;
}

test('a process that runs is followed to its end, with all its output once', async () => {
  const goOn = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ print: 'one two ' }, { wait: goOn.promise }, { print: 'three' }], ends: 3 }));
  const record = await leaveRunning(place, { kept: 'one t' });
  await recoverAll(place);
  await until(async () => (await outputOf(place, record)) === 'one two ', 'the rest of its output');
  expect((await read(place, record)).status).toBe('running');
  goOn.resolve();
  expect(await untilOver(place, record)).toMatchObject({ status: 'failed', exitCode: 3, failure: { kind: 'exit' }, outputComplete: true });
  expect(await outputOf(place, record)).toBe('one two three');
  expect(place.engine.started).toEqual([record.id]);
});

test('a process that ended while no server was there is finished, with its output', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'alone' }] }));
  const record = await leaveRunning(place);
  await recoverAll(place);
  expect(await untilOver(place, record)).toMatchObject({ status: 'completed', exitCode: 0, outputComplete: true });
  expect(await outputOf(place, record)).toBe('alone');
});

test('a process whose container is gone is lost, with no exit code and output that is not whole', async () => {
  await using place = await createPlace(() => FOREVER);
  const record = await leaveRunning(place, { kept: 'so' });
  place.engine.vanish(record.id);
  await recoverAll(place);
  expect(await untilOver(place, record)).toMatchObject({ status: 'failed', exitCode: null, failure: { kind: 'lost' }, outputComplete: false });
  expect(await outputOf(place, record)).toBe('so');
});

test('what is kept of a process whose container is gone counts towards the bytes on disk', async () => {
  await using place = await createPlace(() => FOREVER);
  const record = await leaveRunning(place, { kept: 'x'.repeat(500) });
  place.engine.vanish(record.id);
  await recoverAll(place);
  expect((await untilOver(place, record)).storedBytes).toBeGreaterThan(500);
});

test('a process that was being killed is killed', async () => {
  await using place = await createPlace(() => FOREVER);
  const record = await leaveRunning(place, { cause: 'kill' });
  await recoverAll(place);
  expect(await untilOver(place, record)).toMatchObject({ status: 'killed', exitCode: 143 });
});

test('a process whose time-out passed while no server was there is ended', async () => {
  await using place = await createPlace(() => FOREVER);
  const record = await leaveRunning(place, { timeoutSeconds: 60, startedAt: Date.now() - 61_000 });
  await recoverAll(place);
  expect(await untilOver(place, record)).toMatchObject({ status: 'failed', failure: { kind: 'timeout' } });
});

test('a process that runs can be killed', async () => {
  await using place = await createPlace(() => FOREVER);
  const record = await leaveRunning(place);
  const server = await recoverAll(place);
  expect(await server.kill(SCOPE, record.id)).toMatchObject({ kind: 'killed', record: { status: 'killed', exitCode: 143 } });
});

test('what runs already takes up the places of what waits', async () => {
  const goOn = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ wait: goOn.promise }] }));
  const running = await leaveRunning(place);
  const waiting = await leaveQueued(place);
  const server = await recoverAll(place, 1);
  expect(server.scheduler.counts()).toEqual({ running: 1, queued: 1 });
  goOn.resolve();
  await untilOver(place, running);
  await untilOver(place, waiting);
  expect(place.engine.started).toEqual([running.id, waiting.id]);
});

test('processes that waited run in their old order, and new ones after them', async () => {
  await using place = await createPlace();
  const left = [await leaveQueued(place), await leaveQueued(place), await leaveQueued(place)];
  const server = createServer(place, { maxRunning: 1 });
  const { opened } = await server.recover();
  const submitted = await server.submit();
  await opened;
  expect(await untilOver(place, submitted)).toMatchObject({ status: 'completed' });
  expect(place.engine.started).toEqual([...left, submitted].map(({ id }) => id));
});

test('a container whose server died before it was on record is removed, and the process runs once, in another', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'once' }] }));
  const record = await leaveQueued(place);
  const leftover = await leaveWaiting(place, 'proc_nobody');
  await recoverAll(place);
  const ended = await untilOver(place, record);
  expect(ended).toMatchObject({ status: 'completed' });
  expect(ended.containerId).not.toBe(leftover.id);
  expect(place.engine.started).toEqual([record.id]);
  expect(await outputOf(place, record)).toBe('once');
  await until(async () => (await place.engine.list()).length === 0, 'the leftover to be removed');
});

test('a process whose server died before its container got the job runs once, in another, and counts from there', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'once' }] }));
  const leftover = await leaveWaiting(place, 'proc_first');
  const record = await leaveQueued(place, { status: 'running', startedAt: 5, startingAt: 4, containerId: leftover.id });
  await recoverAll(place);
  const ended = await untilOver(place, record);
  expect(ended).toMatchObject({ status: 'completed', exitCode: 0, outputComplete: true });
  expect(ended.containerId).not.toBe(leftover.id);
  expect(ended.startedAt).toBeGreaterThan(Date.now() - 60_000);
  expect(place.engine.started).toEqual([record.id]);
  expect(await outputOf(place, record)).toBe('once');
});

test('such a process that had to end is killed, and never runs', async () => {
  await using place = await createPlace();
  const leftover = await leaveWaiting(place, 'proc_first');
  const record = await leaveQueued(place, { status: 'running', startedAt: 5, containerId: leftover.id, cause: 'kill' });
  await recoverAll(place);
  expect(await untilOver(place, record)).toMatchObject({ status: 'killed', exitCode: null });
  expect(place.engine.started).toEqual([]);
});

test('a process that was being killed before its container started is killed, and never runs', async () => {
  await using place = await createPlace();
  const record = await leaveQueued(place, { cause: 'kill' });
  await recoverAll(place);
  expect(await untilOver(place, record)).toMatchObject({ status: 'killed', startedAt: null });
  expect(place.engine.started).toEqual([]);
});

test('containers of ended and of unknown processes are removed; those of other servers are not', async () => {
  await using place = await createPlace(() => FOREVER);
  const ended = await leaveRunning(place, { status: 'completed', exitCode: 0, endedAt: Date.now() });
  await leaveContainer(place, newId('proc'));
  const running = await leaveRunning(place);
  const foreign = place.engine.as('another');
  await leaveContainer({ engine: { ...place.engine, ...foreign } }, newId('proc'));
  await recoverAll(place);
  expect((await place.engine.list()).map(({ processId }) => processId)).toEqual([running.id]);
  expect(await foreign.list()).toHaveLength(1);
  expect((await read(place, ended)).status).toBe('completed');
});

test('with the engine away at boot, processes are accepted and killed, and run in order when it is back', async () => {
  await using place = await createPlace();
  const left = [await leaveQueued(place), await leaveQueued(place)];
  place.engine.goAway();
  const server = createServer(place, { maxRunning: 1 });
  const { opened } = await server.recover();
  const [doomed, submitted] = [await server.submit(), await server.submit()];
  expect(await server.kill(SCOPE, doomed.id)).toMatchObject({ kind: 'killed' });
  await until(() => server.logged.some((message) => message.includes('away')), 'the server to notice');
  expect(server.scheduler.counts()).toEqual({ running: 0, queued: 3 });
  place.engine.comeBack();
  await opened;
  await untilOver(place, submitted);
  expect(place.engine.started).toEqual([...left, submitted].map(({ id }) => id));
});

test('with the engine away at boot, a process that ran is followed when it is back', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'all of it' }] }));
  const record = await leaveRunning(place, { kept: 'all' });
  place.engine.goAway();
  const server = createServer(place);
  const { opened } = await server.recover();
  await until(() => server.logged.some((message) => message.includes('adopted')), 'an adoption in vain');
  expect((await read(place, record)).status).toBe('running');
  place.engine.comeBack();
  await opened;
  expect(await untilOver(place, record)).toMatchObject({ status: 'completed', outputComplete: true });
  expect(await outputOf(place, record)).toBe('all of it');
});

test('nothing starts before the engine has passed its checks', async () => {
  await using place = await createPlace();
  const record = await leaveQueued(place);
  const checks = Promise.withResolvers<void>();
  const server = createServer(place, { passChecks: () => checks.promise });
  const { opened } = await server.recover();
  await place.engine.list();
  expect(server.scheduler.counts()).toEqual({ running: 0, queued: 1 });
  checks.resolve();
  await opened;
  expect(await untilOver(place, record)).toMatchObject({ status: 'completed' });
});

test('on an engine that is not safe nothing ever starts', async () => {
  await using place = await createPlace();
  await leaveQueued(place);
  const server = createServer(place, { passChecks: async () => Promise.reject(new Error('not safe')) });
  const { opened } = await server.recover();
  await expect(opened).rejects.toThrow('not safe');
  expect(server.scheduler.counts()).toEqual({ running: 0, queued: 1 });
});
