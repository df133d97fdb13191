import { expect, test } from 'vitest';
import { ON_FIRST_USE } from '../../../src/sandbox/sandbox.ts';
import { createGate } from '../../../src/tenancy/gate.ts';
import type { HelperRequest } from '../../../src/workspace/helpers.ts';
import { createPlace, SCOPE, startServer } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const request = (differences: Partial<HelperRequest> = {}): HelperRequest => ({
  scope: SCOPE,
  image: 'bash',
  run: ['tool'],
  env: { PATH: '/bin' },
  gate: createGate({ all: 1, perTenant: () => 1, waiting: 1 }),
  signal: new AbortController().signal,
  ...differences,
});

test('a helper is a container of the sandbox that no sweep takes for an orphan, until it is disposed of', async () => {
  await using place = await createPlace(() => ({ ends: 'never', age: 600_000 }));
  const server = startServer(place);
  const helper = await server.helpers.start(request());
  await server.sweep();
  await server.sweep();
  expect((await place.engine.list()).map(({ id }) => id)).toEqual([helper.container.id]);
  await helper.dispose();
  await helper.dispose();
  expect(await place.engine.list()).toEqual([]);
  expect(server.helpers.has(helper.container.id)).toBe(false);
});

test('its place is free again when it is gone, and when it could not start', async () => {
  await using place = await createPlace((_spec, attempt) => (attempt === 1 ? { startFails: new Error('no') } : { ends: 'never' }));
  const server = startServer(place);
  const gate = createGate({ all: 1, perTenant: () => 1, waiting: 1 });
  await expect(server.helpers.start(request({ gate }))).rejects.toThrow('no');
  const second = await server.helpers.start(request({ gate }));
  let third: Awaited<ReturnType<typeof server.helpers.start>> | undefined;
  const starting = server.helpers.start(request({ gate })).then((helper) => {
    third = helper;
  });
  await until(async () => (await place.engine.list()).length === 1, 'the second');
  expect(third).toBeUndefined();
  await second.dispose();
  await starting;
  expect(third).toBeDefined();
});

test('one that ended before it took its job is an engine that is away, and leaves nothing', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const engine = {
    ...place.engine,
    prepare: async (...args: Parameters<typeof place.engine.prepare>) => ({ ...(await place.engine.prepare(...args)), begin: async () => undefined }),
  };
  const server = startServer(place, { engine });
  await expect(server.helpers.start(request())).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  expect(await place.engine.list()).toEqual([]);
});

test('what runs for the tenant has the network of its sandbox, and what moves files has none', async () => {
  const made: (string | undefined)[] = [];
  await using place = await createPlace(({ network }) => {
    made.push(network);
    return { ends: 'never' };
  });
  const server = startServer(place);
  const { scope } = await place.sandboxes.create('acme', { ...ON_FIRST_USE, internetAccess: true });
  for (const differences of [{ scope, asProcess: true }, { scope }, { asProcess: true }] as const)
    await (await server.helpers.start(request(differences))).dispose();
  expect(made).toEqual(['internet', undefined, undefined]);
});
