import { expect, test } from 'vitest';
import { ON_FIRST_USE } from '../../../src/sandbox/sandbox.ts';
import type { Script } from '../../support/fake-container.ts';
import { createPlace, createServer, outputOf, read, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { until } from '../../support/until.ts';

/** A program that prints, waits for the test, and prints again. */
function gated() {
  const gate = Promise.withResolvers<void>();
  return { script: { steps: [{ print: 'a' }, { wait: gate.promise }, { print: 'b' }] } satisfies Script, open: gate.resolve };
}

async function open(script: Script, options = {}) {
  const place = await createPlace(() => script);
  const { scope, id } = await place.sandboxes.create('acme', ON_FIRST_USE);
  return { place, scope, id, server: startServer(place, options), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

/** Long enough for a program that could go on to do so. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 50));

test('what runs stands still until it is resumed, and nothing of it is lost', async () => {
  const program = gated();
  await using opened = await open(program.script);
  const { place, server, scope, id } = opened;
  const process = await server.submit({}, scope);
  await until(async () => (await outputOf(place, process)) === 'a', 'the first output');
  expect(await server.pauser.pause('acme', id)).toMatchObject({ id, pausedAt: expect.any(Number) });
  program.open();
  await moment();
  expect(await outputOf(place, process)).toBe('a');
  expect(await server.pauser.resume('acme', id)).toMatchObject({ id, pausedAt: null, pauses: [{ from: expect.any(Number), to: expect.any(Number) }] });
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed' });
  expect(await outputOf(place, process)).toBe('ab');
});

test('time-outs do not count meanwhile', async () => {
  await using opened = await open({ ends: 'never' });
  const { place, server, scope, id } = opened;
  const process = await server.submit({ timeoutSeconds: 1 }, scope);
  await untilStatus(place, process, 'running');
  await server.pauser.pause('acme', id);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect((await read(place, process)).status).toBe('running');
  await server.pauser.resume('acme', id);
  const { failure, startedAt, endedAt } = await untilOver(place, process);
  expect(failure?.kind).toBe('timeout');
  expect((endedAt ?? 0) - (startedAt ?? 0)).toBeGreaterThan(2_200);
});

test('what is submitted meanwhile waits, and other sandboxes of the tenant do not', async () => {
  await using opened = await open({ steps: [{ print: 'ran' }] }, { maxRunning: 1 });
  const { place, server, scope, id } = opened;
  await server.pauser.pause('acme', id);
  const held = await server.submit({}, scope);
  await untilOver(place, await server.submit({}, SCOPE));
  await moment();
  expect((await read(place, held)).status).toBe('queued');
  await server.pauser.resume('acme', id);
  expect(await untilOver(place, held)).toMatchObject({ status: 'completed' });
});

test('a process that was just starting is frozen as soon as it runs', async () => {
  const start = Promise.withResolvers<void>();
  const program = gated();
  await using opened = await open({ ...program.script, startTakes: start.promise });
  const { place, server, scope, id } = opened;
  const process = await server.submit({}, scope);
  await until(() => server.scheduler.counts().running === 1, 'the start');
  await server.pauser.pause('acme', id);
  start.resolve();
  await untilStatus(place, process, 'running');
  await moment();
  program.open();
  await moment();
  expect((await read(place, process)).status).toBe('running');
  await server.pauser.resume('acme', id);
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed' });
});

test('a kill works meanwhile, on what runs and on what waits', async () => {
  await using opened = await open({ ends: 'never' });
  const { place, server, scope, id } = opened;
  const running = await server.submit({}, scope);
  await untilStatus(place, running, 'running');
  await server.pauser.pause('acme', id);
  const waiting = await server.submit({}, scope);
  for (const process of [running, waiting]) expect(await server.kill(scope, process.id)).toMatchObject({ kind: 'killed' });
});

test('it survives the server: what runs stays frozen, what waits waits, and the time-out goes on where it was', async () => {
  await using opened = await open({ ends: 'never' });
  const { place, server, scope, id } = opened;
  const process = await server.submit({ timeoutSeconds: 1 }, scope);
  await untilStatus(place, process, 'running');
  await server.pauser.pause('acme', id);
  const waiting = await server.submit({ timeoutSeconds: 1 }, scope);
  server.letGo();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const next = createServer(place);
  await next.pauser.load();
  await (await next.recover()).opened;
  await moment();
  expect([(await read(place, process)).status, (await read(place, waiting)).status]).toEqual(['running', 'queued']);
  const resumedAt = Date.now();
  await next.pauser.resume('acme', id);
  expect((await untilOver(place, process)).failure?.kind).toBe('timeout');
  expect(Date.now() - resumedAt).toBeGreaterThan(300);
  expect((await untilOver(place, waiting)).failure?.kind).toBe('timeout');
});

test('a server that died between a resume and the thawing has the next one thaw', async () => {
  const program = gated();
  await using opened = await open(program.script);
  const { place, server, scope, id } = opened;
  const process = await server.submit({}, scope);
  await until(async () => (await outputOf(place, process)) === 'a', 'the first output');
  await server.pauser.pause('acme', id);
  program.open();
  server.letGo();
  await place.sandboxes.update('acme', id, () => ({ pausedAt: null }));
  const next = createServer(place);
  await next.pauser.load();
  await (await next.recover()).opened;
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed' });
});

test("another tenant's sandbox is not there, and both ways can be gone twice", async () => {
  await using opened = await open({});
  const { server, id } = opened;
  expect(await server.pauser.pause('globex', id)).toBeUndefined();
  expect(await server.pauser.resume('globex', id)).toBeUndefined();
  const first = await server.pauser.pause('acme', id);
  expect(await server.pauser.pause('acme', id)).toEqual(first);
  const resumed = await server.pauser.resume('acme', id);
  expect(await server.pauser.resume('acme', id)).toEqual(resumed);
});

test('a sandbox is deleted while it is paused, and one of its name is not paused afterwards', async () => {
  await using opened = await open({ ends: 'never' });
  const { place, server } = opened;
  await untilStatus(place, await server.submit({}, SCOPE), 'running');
  await server.pauser.pause('acme', SCOPE.sandbox);
  await server.submit({}, SCOPE);
  expect(await server.reaper.remove('acme', SCOPE.sandbox, 5_000)).toBe('deleted');
  await untilStatus(place, await server.submit({}, SCOPE), 'running');
});
