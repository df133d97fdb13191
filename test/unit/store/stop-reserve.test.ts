import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProcessStore } from '../../../src/process/process-store.ts';
import { openStopReserve, withStopReserve } from '../../../src/store/stop-reserve.ts';
import { CHANGES, insertedAs } from '../../contract/process-store-harness.ts';
import { createPlace, read, SCOPE, SUBMISSION, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { smallDisk } from '../../support/small-disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coracle-reserve-'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, 'stops');

/** A store whose disk is full as long as `isFull` says so. */
function fillable(store: ProcessStore, disk: { isFull: boolean }): ProcessStore {
  const guard =
    <A extends unknown[], R>(method: (...how: A) => Promise<R>) =>
    (...how: A): Promise<R> =>
      disk.isFull ? Promise.reject(new Error('the disk is full')) : method(...how);
  return { ...store, recordCause: guard(store.recordCause), transition: guard(store.transition), reassign: guard(store.reassign) };
}

test('what is noted is there when the file is opened again, and what is forgotten is not', () => {
  const first = openStopReserve(path());
  first.note('proc_a', 'kill');
  first.note('proc_b', 'timeout');
  first.forget('proc_a');
  first.note('proc_c', 'output_limit');
  const second = openStopReserve(path());
  expect(['proc_a', 'proc_b', 'proc_c', 'proc_d'].map(second.get)).toEqual([undefined, 'timeout', 'output_limit', undefined]);
  for (const reserve of [first, second]) reserve.close();
});

test('it takes all its room at once, and refuses what does not fit', async () => {
  const reserve = openStopReserve(path());
  const { size, blocks } = await stat(path());
  expect(blocks * 512).toBeGreaterThanOrEqual(size);
  expect(() => {
    for (let index = 0; index <= size / 64; index += 1) reserve.note(`proc_${index}`, 'kill');
  }).toThrow('taken');
  expect((await stat(path())).size).toBe(size);
  reserve.forget('proc_0');
  reserve.note('proc_x', 'kill');
  expect((await readFile(path(), 'latin1')).startsWith('proc_x kill\0')).toBe(true);
  reserve.close();
});

test('on a disk that is full to its last block it still takes what is noted', async () => {
  await using disk = await smallDisk(2);
  const reserve = openStopReserve(join(disk.path, 'stops'));
  await disk.fill();
  reserve.note('proc_a', 'kill');
  reserve.close();
  const again = openStopReserve(join(disk.path, 'stops'));
  expect(again.get('proc_a')).toBe('kill');
  again.close();
});

test('a cause that the store cannot take stands, wins over later ones, and is on record in the end', async () => {
  await using place = await createPlace();
  const disk = { isFull: true };
  const reserve = openStopReserve(path());
  const store = withStopReserve(fillable(place.store, disk), reserve);
  const { id } = await insertedAs(place.store, 'running');
  expect(await store.recordCause(id, 'kill')).toBe('kill');
  expect(await store.recordCause(id, 'timeout')).toBe('kill');
  expect((await store.load(id))?.record.cause).toBe('kill');
  expect((await store.running()).map(({ cause }) => cause)).toEqual(['kill']);
  disk.isFull = false;
  expect(await store.recordCause(id, 'timeout')).toBe('kill');
  expect(await store.transition(id, CHANGES.killed)).toMatchObject({ status: 'killed', cause: 'kill' });
  expect(reserve.get(id)).toBeUndefined();
  reserve.close();
});

test('a process that is killed on a full disk is killed, also when its server dies before there is room', async () => {
  const end = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ wait: end.promise }] }));
  const disk = { isFull: false };
  const reserve = openStopReserve(path());
  const first = startServer(place, { store: withStopReserve(fillable(place.store, disk), reserve), killAnswerMs: 50 });
  const { accepted } = await first.accept(SCOPE, SUBMISSION);
  await untilStatus(place, accepted, 'running');
  disk.isFull = true;
  expect(await first.kill(SCOPE, accepted.id)).toMatchObject({ kind: 'pending' });
  first.letGo();
  reserve.close();
  expect(await read(place, accepted)).toMatchObject({ status: 'running', cause: null });
  const again = openStopReserve(path());
  const second = startServer(place, { store: withStopReserve(place.store, again) });
  await (await second.recover()).opened;
  expect(await untilOver(place, accepted)).toMatchObject({ status: 'killed', cause: 'kill' });
  again.close();
});
