import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ON_FIRST_USE } from '../../../src/sandbox/sandbox.ts';
import type { Script } from '../../support/fake-container.ts';
import { createPlace, createServer, LIMITS, type Place, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const SOON_MS = 5_000;

async function open(script: Script = { ends: 'never' }) {
  const place = await createPlace(() => script);
  const { scope, id } = await place.sandboxes.create('acme', { ...ON_FIRST_USE, internetAccess: true });
  return { place, scope, id, server: startServer(place, { maxRunning: 2 }), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

/** Everything that is left of a sandbox, in every place. */
async function leftOf({ store, outputs, engine, sandboxes }: Place, { scope, id }: { scope: typeof SCOPE; id: string }) {
  const { records } = await store.list(scope, { limit: 100 });
  return {
    records: records.length,
    spools: (await outputs.list()).length,
    containers: (await engine.list()).length,
    volumes: (await engine.listVolumes()).filter((volume) => volume === id).length,
    networks: (await engine.listNetworks()).filter((network) => network === id).length,
    sandboxes: (await sandboxes.unknown([id])).length === 0 ? 1 : 0,
  };
}

const NOTHING = { records: 0, spools: 0, containers: 0, volumes: 0, networks: 0, sandboxes: 0 };

test('a sandbox takes its processes with it, running, waiting and ended, and their output, volume and network', async () => {
  await using opened = await open({ onJob: ({ env }) => ({ steps: [{ print: 'x' }], ends: env['QUICK'] ? 0 : 'never' }) });
  const { place, server, scope } = opened;
  await untilOver(place, await server.submit({ env: { QUICK: '1' } }, scope));
  const [first] = [await server.submit({}, scope), await server.submit({}, scope), await server.submit({}, scope)];
  await untilStatus(place, first, 'running');
  expect(await leftOf(place, opened)).toMatchObject({ volumes: 1, networks: 1 });
  expect(await server.reaper.remove('acme', scope.sandbox, SOON_MS)).toBe('deleted');
  expect(await leftOf(place, opened)).toEqual(NOTHING);
  expect(server.scheduler.counts().queued).toBe(0);
});

test('nothing is accepted in it from the moment when it is removed', async () => {
  await using opened = await open();
  const removal = opened.server.reaper.remove('acme', opened.id, SOON_MS);
  // The removal is on disk then.
  await nextTurn();
  await expect(opened.server.submit({}, opened.scope)).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
  expect(await removal).toBe('deleted');
  await expect(opened.server.submit({}, opened.scope)).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
});

test("other sandboxes and tenants keep what is theirs, and cannot remove another's", async () => {
  await using opened = await open();
  const { place, server, scope } = opened;
  const other = await server.submit({});
  await server.submit({}, scope);
  expect(await server.reaper.remove('globex', opened.id, SOON_MS)).toBe('not_found');
  expect(await server.reaper.remove('acme', opened.id, SOON_MS)).toBe('deleted');
  expect(await server.reaper.remove('acme', opened.id, SOON_MS)).toBe('not_found');
  await untilStatus(place, other, 'running');
});

test('one whose time is over goes in the next round, and one that has time stays', async () => {
  await using opened = await open();
  const { place, server, scope, id } = opened;
  await untilStatus(place, await server.submit({}, scope), 'running');
  await place.sandboxes.update('acme', id, () => ({ expiresAt: Date.now() + 60_000 }));
  await server.reaper.sweep();
  expect((await place.sandboxes.find('acme', id))?.id).toBe(id);
  await place.sandboxes.update('acme', id, () => ({ expiresAt: Date.now() }));
  await server.reaper.sweep();
  expect(await leftOf(place, opened)).toEqual(NOTHING);
});

test('what a crash has interrupted the next server brings to its end', async () => {
  await using opened = await open();
  const { place, server, scope, id } = opened;
  await untilStatus(place, await server.submit({}, scope), 'running');
  await place.sandboxes.discard('acme', id);
  server.letGo();
  const next = createServer(place);
  await (await next.recover()).opened;
  await next.reaper.sweep();
  expect(await leftOf(place, opened)).toEqual(NOTHING);
});

test('an engine that is away delays the end and not the answer', async () => {
  await using opened = await open();
  const { place, server, scope, id } = opened;
  await untilStatus(place, await server.submit({}, scope), 'running');
  place.engine.goAway();
  expect(await server.reaper.remove('acme', id, 100)).toBe('deleting');
  place.engine.comeBack();
  await until(async () => {
    await server.reaper.sweep().catch(() => undefined);
    return (await leftOf(place, opened)).sandboxes === 0;
  }, 'the end of the sandbox');
  expect(await leftOf(place, opened)).toEqual(NOTHING);
});

test('a sandbox that is made on first use can be made anew once the old one is gone', async () => {
  await using opened = await open({ ends: 0 });
  const { place, server } = opened;
  await untilOver(place, await server.submit({}));
  const old = await place.sandboxes.ensure(SCOPE);
  expect(await server.reaper.remove('acme', SCOPE.sandbox, SOON_MS)).toBe('deleted');
  await untilOver(place, await server.submit({}));
  expect((await place.sandboxes.ensure(SCOPE)).id).not.toBe(old.id);
  expect((await place.store.list(SCOPE, { limit: 10 })).records).toHaveLength(1);
});

test('containers without a record go too, and those of other sandboxes stay', async () => {
  await using opened = await open();
  const { place, server, scope, id } = opened;
  const other = await place.sandboxes.ensure(SCOPE);
  for (const sandbox of [await place.sandboxes.ensure(scope), other]) {
    const spec = { scope: sandbox.scope, image: 'bash', sandboxId: sandbox.id, uid: sandbox.uid, limits: LIMITS };
    const helper = await place.engine.prepare(spec, new AbortController().signal);
    await helper.begin({ workingDir: '/', compile: [], run: ['x'], env: {}, files: [] });
  }
  expect(await server.reaper.remove('acme', id, SOON_MS)).toBe('deleted');
  expect((await place.engine.list()).map(({ sandboxId }) => sandboxId)).toEqual([other.id]);
});
