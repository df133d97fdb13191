import { expect, test } from 'vitest';
import { createPlace, read, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';

async function open() {
  const place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place, { maxRunning: 2 });
  const running = [await server.submit({ name: 'a' }), await server.submit({ name: 'b' })];
  const waiting = [await server.submit({ name: 'a' }), await server.submit({ name: null })];
  const other = await server.submit({ name: 'a' }, { ...SCOPE, sandbox: 'other' });
  for (const each of running) await untilStatus(place, each, 'running');
  return { place, server, running, waiting, other, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id).toSorted();

test('all of a sandbox are stopped, those that wait before they could start', async () => {
  await using under = await open();
  const { place, server, running, waiting, other } = under;
  const stopped = await server.killMany(SCOPE, {});
  expect(idsOf(stopped)).toEqual(idsOf([...running, ...waiting]));
  for (const record of stopped) expect(record.status).toBe('killed');
  for (const { id } of waiting) expect(place.engine.started).not.toContain(id);
  expect((await read(place, other)).status).not.toBe('killed');
  expect(await server.killMany(SCOPE, {})).toEqual([]);
});

test('of a name only those are', async () => {
  await using under = await open();
  const { place, server, running, waiting } = under;
  const stopped = await server.killMany(SCOPE, { name: 'a' });
  expect(idsOf(stopped)).toEqual(idsOf([running[0], waiting[0]].flatMap((record) => (record ? [record] : []))));
  expect((await read(place, running[1] ?? { id: '' })).status).toBe('running');
  expect(await server.killMany(SCOPE, { name: 'none' })).toEqual([]);
});

test('what ends by itself meanwhile is not among what was stopped', async () => {
  await using place = await createPlace(() => ({ ends: 0 }));
  const server = startServer(place);
  await untilOver(place, await server.submit());
  expect(await server.killMany(SCOPE, {})).toEqual([]);
});
