import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CoracleError } from '../../../src/errors.ts';
import type { ProcessStore } from '../../../src/process/process-store.ts';
import { createPlace, createServer, outputOf, type Place, read, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const FOREVER = { steps: [{ print: 'so far' }], ends: 'never' } as const;

async function untilRunning(place: Place, process: { id: string }): Promise<void> {
  await untilStatus(place, process, 'running');
  await until(async () => (await outputOf(place, process)) === 'so far', 'its output');
}

test('a process that waits is killed and never runs', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const [waiting, other] = [await server.submit(), await server.submit()];
  const result = await server.kill(SCOPE, waiting.id);
  expect(result).toMatchObject({ kind: 'killed', record: { status: 'killed', exitCode: null, failure: null, startedAt: null, endedAt: expect.any(Number) } });
  server.scheduler.open();
  await untilOver(place, other);
  expect(place.engine.started).toEqual([other.id]);
});

test('a process whose container is being made is killed and never runs', async () => {
  const goOn = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using place = await createPlace(() => {
    asked.resolve();
    return { startTakes: goOn.promise };
  });
  const server = startServer(place);
  const { id } = await server.submit();
  await asked.promise;
  const killed = server.kill(SCOPE, id);
  await until(async () => (await place.store.load(id))?.record.cause, 'the cause to be on disk');
  goOn.resolve();
  expect(await killed).toMatchObject({ kind: 'killed', record: { status: 'killed', exitCode: null, startedAt: null } });
  await untilOver(place, { id });
  expect(place.engine.started).toEqual([]);
});

test('a process whose container has started before the engine says so is killed, never runs, and its container is removed', async () => {
  const goOn = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using place = await createPlace(() => {
    asked.resolve();
    return { ...FOREVER, answerTakes: goOn.promise };
  });
  const server = startServer(place);
  const { id } = await server.submit();
  await asked.promise;
  const killed = server.kill(SCOPE, id);
  await nextTurn();
  goOn.resolve();
  expect(await killed).toMatchObject({ kind: 'killed', record: { status: 'killed' } });
  await untilOver(place, { id });
  expect(await place.engine.list()).toEqual([]);
});

test('a process that runs is killed, and what it wrote is kept', async () => {
  await using place = await createPlace(() => FOREVER);
  const server = startServer(place);
  const process = await server.submit();
  await untilRunning(place, process);
  const result = await server.kill(SCOPE, process.id);
  expect(result).toMatchObject({ kind: 'killed', record: { status: 'killed', cause: 'kill', exitCode: 143, failure: null, outputComplete: true } });
  await untilOver(place, process);
  expect(await outputOf(place, process)).toBe('so far');
});

test('a process that ignores SIGTERM is killed after its grace', async () => {
  await using place = await createPlace(() => ({ ...FOREVER, ignoresTerm: true }));
  const server = startServer(place);
  const process = await server.submit();
  await untilRunning(place, process);
  expect(await server.kill(SCOPE, process.id)).toMatchObject({ kind: 'killed', record: { exitCode: 137 } });
});

test('a process that waits for an engine that is away is killed at once', async () => {
  await using place = await createPlace();
  const server = startServer(place);
  place.engine.goAway();
  const process = await server.submit();
  await until(() => server.logged.some((message) => message.includes('stays queued')), 'a start in vain');
  expect(await server.kill(SCOPE, process.id)).toMatchObject({ kind: 'killed' });
  place.engine.comeBack();
  await untilOver(place, process);
  expect(place.engine.started).toEqual([]);
});

test('a kill that meets an engine that is away is done when the engine is back', async () => {
  await using place = await createPlace(() => FOREVER);
  const server = startServer(place);
  const process = await server.submit();
  await untilRunning(place, process);
  place.engine.goAway();
  const killed = server.kill(SCOPE, process.id);
  await until(() => server.logged.some((message) => message.includes('could not be stopped')), 'a stop in vain');
  expect((await read(place, process)).status).toBe('running');
  place.engine.comeBack();
  expect(await killed).toMatchObject({ kind: 'killed', record: { status: 'killed', exitCode: 143 } });
});

test('the first cause wins: a kill of a process that has timed out finds it ended', async () => {
  await using place = await createPlace(() => ({ ...FOREVER, ignoresTerm: true }));
  const server = startServer(place);
  const process = await server.submit({ timeoutSeconds: 1 });
  await until(async () => (await read(place, process)).cause, 'the time-out');
  expect(await server.kill(SCOPE, process.id)).toMatchObject({ kind: 'ended', record: { status: 'failed', failure: { kind: 'timeout' } } });
});

test.each([0, 1, 2, 3, 4, 6, 8, 12])('a kill that races the end of the process, %i turns after it, says what the record says', async (turns) => {
  const end = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ print: 'so far' }, { wait: end.promise }] }));
  const server = startServer(place);
  const process = await server.submit();
  await untilRunning(place, process);
  end.resolve();
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  const result = await server.kill(SCOPE, process.id);
  const record = await untilOver(place, process);
  expect(result).toEqual({ kind: record.status === 'killed' ? 'killed' : 'ended', record });
  expect(['killed', 'completed']).toContain(record.status);
  expect(record.exitCode).toBe(0);
});

test.each([
  { title: 'that runs', isOpen: true },
  { title: 'that waits', isOpen: false },
])('two kills at once of a process $title are both done', async ({ isOpen }) => {
  await using place = await createPlace(() => FOREVER);
  const server = createServer(place);
  if (isOpen) server.scheduler.open();
  const process = await server.submit();
  if (isOpen) await untilRunning(place, process);
  const results = await Promise.all([server.kill(SCOPE, process.id), server.kill(SCOPE, process.id)]);
  expect(results).toMatchObject([{ kind: 'killed' }, { kind: 'killed' }]);
});

test('two kills at once of a process that waits are both done, however long the store takes', async () => {
  await using place = await createPlace();
  const transition: typeof place.store.transition = async (...change) => {
    await sleep(20);
    return place.store.transition(...change);
  };
  const server = createServer(place, { store: { ...place.store, transition } });
  const { id } = await server.submit();
  const results = await Promise.all([server.kill(SCOPE, id), server.kill(SCOPE, id)]);
  expect(results).toMatchObject([
    { kind: 'killed', record: { status: 'killed' } },
    { kind: 'killed', record: { status: 'killed' } },
  ]);
});

test('a kill that the store refuses fails, and the process still has its place in the queue', async () => {
  await using place = await createPlace();
  let isFull = true;
  const transition: typeof place.store.transition = async (...change) => {
    if (isFull) throw new Error('disk full');
    return place.store.transition(...change);
  };
  const server = createServer(place, { store: { ...place.store, transition } });
  const process = await server.submit();
  await expect(server.kill(SCOPE, process.id)).rejects.toThrow('disk full');
  isFull = false;
  server.scheduler.open();
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed' });
});

test.each([
  { title: 'an unknown id', scope: SCOPE, known: false },
  { title: "another tenant's process", scope: { ...SCOPE, tenant: 'other' }, known: true },
  { title: 'a process of another sandbox', scope: { ...SCOPE, sandbox: 'other' }, known: true },
])('$title is not found, and nothing is killed', async ({ scope, known }) => {
  await using place = await createPlace(() => FOREVER);
  const server = startServer(place);
  const process = await server.submit();
  await untilRunning(place, process);
  expect(await server.kill(scope, known ? process.id : 'proc_unknown')).toEqual({ kind: 'not_found' });
  expect(await read(place, process)).toMatchObject({ status: 'running', cause: null });
});

test.each([
  { title: 'completed', script: {}, status: 'completed' },
  { title: 'failed', script: { ends: 3 }, status: 'failed' },
  { title: 'never started', script: { startFails: new CoracleError('ENGINE_REFUSED', 'No. See the log.') }, status: 'failed' },
])('a process that has $title is ended, and stays as it is', async ({ script, status }) => {
  await using place = await createPlace(() => script);
  const server = startServer(place);
  const record = await untilOver(place, await server.submit());
  expect(record.status).toBe(status);
  expect(await server.kill(SCOPE, record.id)).toEqual({ kind: 'ended', record });
});

test('a kill while the engine is away is answered as pending, and carried out when it is back', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place, { killAnswerMs: 50 });
  const process = await server.submit();
  await untilStatus(place, process, 'running');
  place.engine.goAway();
  expect(await server.kill(SCOPE, process.id)).toMatchObject({ kind: 'pending', record: { status: 'running', cause: 'kill' } });
  place.engine.comeBack();
  expect(await untilOver(place, process)).toMatchObject({ status: 'killed' });
});

test('a process whose start the full disk does not take waits, can be killed, and never runs', async () => {
  await using place = await createPlace(() => FOREVER);
  let isFull = true;
  let refused = 0;
  const transition: ProcessStore['transition'] = (id, change) => {
    if (!isFull) return place.store.transition(id, change);
    refused += 1;
    return Promise.reject(new Error('the disk is full'));
  };
  const server = startServer(place, { store: { ...place.store, transition }, killAnswerMs: 50 });
  const process = await server.submit();
  await until(() => refused > 0, 'a start in vain');
  expect(await server.kill(SCOPE, process.id)).toMatchObject({ kind: 'pending', record: { status: 'queued', cause: 'kill' } });
  isFull = false;
  expect(await untilOver(place, process)).toMatchObject({ status: 'killed', startedAt: null });
  expect(place.engine.started).toEqual([]);
  expect(await place.engine.list()).toEqual([]);
});
