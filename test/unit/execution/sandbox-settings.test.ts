import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/engine/container-engine.ts';
import { ON_FIRST_USE } from '../../../src/sandbox/sandbox.ts';
import { createPlace, createServer, LIMITS, outputOf, startServer, untilOver } from '../../support/place.ts';

/** Each program prints its environment. */
async function open() {
  const specs: ContainerSpec[] = [];
  const place = await createPlace((spec) => {
    specs.push(spec);
    return { onJob: ({ env }) => ({ steps: [{ print: JSON.stringify(env) }] }) };
  });
  return { place, specs, server: startServer(place), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test("a process gets the sandbox's environment over its language's, and its own over both", async () => {
  await using opened = await open();
  const { scope } = await opened.place.sandboxes.create('acme', { ...ON_FIRST_USE, env: { PATH: '/mine', A: 'sandbox', B: 'sandbox' } });
  const record = await opened.server.submit({ env: { B: 'request', C: 'request' } }, scope);
  await untilOver(opened.place, record);
  expect(JSON.parse(await outputOf(opened.place, record))).toEqual({ PATH: '/mine', A: 'sandbox', B: 'request', C: 'request' });
});

test('a change reaches every later process', async () => {
  await using opened = await open();
  const { id, scope } = await opened.place.sandboxes.create('acme', { ...ON_FIRST_USE, env: { A: '1' } });
  await opened.place.sandboxes.update('acme', id, () => ({ env: { B: '2' } }));
  const record = await opened.server.submit({}, scope);
  await untilOver(opened.place, record);
  expect(JSON.parse(await outputOf(opened.place, record))).toEqual({ PATH: '/bin', B: '2' });
});

test("a sandbox's limits stand in for the server's, each for itself", async () => {
  await using opened = await open();
  const { id, uid, scope } = await opened.place.sandboxes.create('acme', { ...ON_FIRST_USE, limits: { memoryBytes: 5_000_000 } });
  await untilOver(opened.place, await opened.server.submit({}, scope));
  expect(opened.specs).toMatchObject([{ sandboxId: id, uid, limits: { ...LIMITS, memoryBytes: 5_000_000 } }]);
});

test('nothing is accepted for a sandbox that is gone', async () => {
  await using opened = await open();
  const { id, scope } = await opened.place.sandboxes.create('acme', ON_FIRST_USE);
  await opened.place.sandboxes.discard('acme', id);
  await expect(opened.server.submit({}, scope)).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
});

test('a process whose sandbox is gone before it starts does not start, and says why', async () => {
  await using opened = await open();
  const { id, scope } = await opened.place.sandboxes.create('acme', ON_FIRST_USE);
  const server = createServer(opened.place);
  const accepted = await server.submit({}, scope);
  await opened.place.sandboxes.discard('acme', id);
  server.scheduler.open();
  const record = await untilOver(opened.place, accepted);
  expect(record).toMatchObject({ status: 'failed', failure: { kind: 'start', message: expect.stringContaining('deleted') } });
  expect(opened.specs).toEqual([]);
});
