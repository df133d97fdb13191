import { expect, test } from 'vitest';
import { leaveQueued, leaveSpool } from '../../support/leftovers.ts';
import { createPlace, createServer, outputOf, read, SCOPE, startServer, untilOver, untilStatus } from '../../support/place.ts';

test('a process that has ended is removed with its output, and then not found', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'text' }] }));
  const server = startServer(place);
  const [gone, stays] = [await untilOver(place, await server.submit()), await untilOver(place, await server.submit())];
  expect(await server.remove(SCOPE, gone.id)).toBe('removed');
  expect(await place.store.load(gone.id)).toBeUndefined();
  expect(await place.outputs.list()).toEqual([stays.id]);
  expect(await outputOf(place, stays)).toBe('text');
  expect(await server.remove(SCOPE, gone.id)).toBe('not_found');
});

test('a process that waits or runs is not removed', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place, { maxRunning: 1 });
  const [running, waiting] = [await server.submit(), await server.submit()];
  await untilStatus(place, running, 'running');
  for (const { id } of [running, waiting]) expect(await server.remove(SCOPE, id)).toBe('not_ended');
  expect([(await read(place, running)).status, (await read(place, waiting)).status]).toEqual(['running', 'queued']);
  await server.kill(SCOPE, running.id);
  expect(await server.remove(SCOPE, running.id)).toBe('removed');
});

test.each([
  { title: 'another tenant', scope: { ...SCOPE, tenant: 'globex' } },
  { title: 'another sandbox', scope: { ...SCOPE, sandbox: 'other' } },
])('$title does not find it, and nothing is removed', async ({ scope }) => {
  await using place = await createPlace();
  const { id } = await leaveQueued(place, { status: 'completed', endedAt: 5 });
  await leaveSpool(place, id, 'text');
  expect(await createServer(place).remove(scope, id)).toBe('not_found');
  expect(await createServer(place).remove(scope, 'proc_unknown')).toBe('not_found');
  expect(await outputOf(place, { id })).toBe('text');
});

test('of two removals at once one removes it and the other does not find it', async () => {
  await using place = await createPlace();
  const { id } = await leaveQueued(place, { status: 'failed', endedAt: 5 });
  const server = createServer(place);
  expect((await Promise.all([server.remove(SCOPE, id), server.remove(SCOPE, id)])).toSorted()).toEqual(['not_found', 'removed']);
});
