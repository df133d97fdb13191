import { expect, test } from 'vitest';
import { createRetention } from '../../../src/execution/retention.ts';
import type { ProcessRecord } from '../../../src/process/record.ts';
import type { RetentionStore } from '../../../src/process/retention-store.ts';
import { leaveQueued, leaveSpool } from '../../support/leftovers.ts';
import { createPlace, createServer, outputOf, type Place, SCOPE, startServer, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

async function leaveEnded(place: Place, overrides: Partial<ProcessRecord> = {}): Promise<string> {
  const { id } = await leaveQueued(place, { status: 'completed', endedAt: 1_000, ...overrides });
  await leaveSpool(place, id, 'text');
  return id;
}

/** What is kept, as records and as spools. */
async function kept(place: Place) {
  const { records } = await place.store.list(SCOPE, { limit: 1_000 });
  return { records: records.map(({ id }) => id).toSorted(), spools: (await place.outputs.list()).toSorted() };
}

const both = (...ids: readonly string[]) => ({ records: ids.toSorted(), spools: ids.toSorted() });

test('records that ended too long ago go, with their spools', async () => {
  await using place = await createPlace();
  const old = Date.now() - 61_000;
  const young = Date.now() - 59_000;
  await leaveEnded(place, { endedAt: old, acceptedAt: old });
  const stays = await leaveEnded(place, { endedAt: young, acceptedAt: old });
  await createServer(place).retain({ keptMs: 60_000 });
  expect(await kept(place)).toEqual(both(stays));
});

test('the newest of a sandbox stay, and no more than so many', async () => {
  await using place = await createPlace();
  const ids = [await leaveEnded(place), await leaveEnded(place), await leaveEnded(place), await leaveEnded(place)];
  await createServer(place).retain({ mostPerSandbox: 3 });
  expect(await kept(place)).toEqual(both(...ids.slice(1)));
});

test('what really lies on the disk counts towards the bytes', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'x'.repeat(10_000) }] }));
  const server = startServer(place);
  const first = await untilOver(place, await server.submit());
  const second = await untilOver(place, await server.submit());
  expect(first.storedBytes).toBeGreaterThan(10_000);
  await server.retain({ mostBytes: first.storedBytes + second.storedBytes });
  expect(await kept(place)).toEqual(both(first.id, second.id));
  await server.retain({ mostBytes: second.storedBytes });
  expect(await kept(place)).toEqual(both(second.id));
});

test('more than fits into one batch goes in one round', async () => {
  await using place = await createPlace();
  for (let count = 0; count < 450; count += 1) await leaveQueued(place, { status: 'completed', endedAt: count });
  const last = await leaveEnded(place, { endedAt: 1_000 });
  await createServer(place).retain({ mostPerSandbox: 1 });
  expect(await kept(place)).toEqual(both(last));
});

test('what has not ended stays, whatever the policy', async () => {
  await using place = await createPlace(() => ({ ends: 'never', steps: [{ print: 'so far' }] }));
  const server = startServer(place, { maxRunning: 1 });
  const [running, waiting] = [await server.submit(), await server.submit()];
  await until(async () => (await outputOf(place, running)) === 'so far', 'its output');
  await server.retain({ keptMs: -60_000, mostPerSandbox: 0, mostBytes: 0, mostBytesOf: () => 2 ** 50 });
  expect((await kept(place)).records).toEqual([running.id, waiting.id].toSorted());
  expect(await outputOf(place, running)).toBe('so far');
});

test('a spool that cannot be removed with its record is removed by the reconciler', async () => {
  await using place = await createPlace();
  const id = await leaveEnded(place);
  let failures = 1;
  const remove: typeof place.outputs.remove = async (owner) => {
    failures -= 1;
    if (failures >= 0) throw new Error('the disk does not answer');
    await place.outputs.remove(owner);
  };
  const server = createServer(place, { outputs: { ...place.outputs, remove } });
  await expect(server.retain({ mostPerSandbox: 0 })).rejects.toThrow('the disk does not answer');
  expect(await kept(place)).toEqual({ records: [], spools: [id] });
  for (let round = 0; round < 2; round += 1) await server.sweep();
  expect(await kept(place)).toEqual(both());
});

test('on a disk that is too full to remove records, the output of what has expired makes room first', async () => {
  await using place = await createPlace();
  const old = await leaveEnded(place, { endedAt: 1_000 });
  const young = await leaveEnded(place, { endedAt: Date.now() });
  const remove: RetentionStore['remove'] = async (ids) => {
    if ((await place.outputs.list()).includes(old)) throw new Error('the disk is full');
    return place.retention.remove(ids);
  };
  await createRetention({ ...place.retention, remove }, place.outputs, { keptMs: 60_000, mostPerSandbox: 9, mostBytes: 9_999, mostBytesOf: () => 2 ** 50 })();
  expect(await kept(place)).toEqual(both(young));
});
