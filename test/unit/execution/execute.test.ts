import { expect, test } from 'vitest';
import { createPlace, createServer, SCOPE, SUBMISSION, startServer, untilStatus } from '../../support/place.ts';
import { until } from '../../support/until.ts';

function waiter(idempotencyKey?: string) {
  const gone = new AbortController();
  let hasLeft = false;
  return {
    gone: gone.signal,
    hasLeft: () => hasLeft,
    idempotencyKey,
    leave(): void {
      hasLeft = true;
      gone.abort();
    },
    shutDown: () => gone.abort(),
  };
}

const onlyRecord = async (place: Awaited<ReturnType<typeof createPlace>>) =>
  until(async () => (await place.store.list(SCOPE, { limit: 10 })).records[0], 'a record');

test('it answers the record when the process has ended', async () => {
  await using place = await createPlace(() => ({ ends: 3 }));
  const { record } = await startServer(place).execute(SCOPE, SUBMISSION, waiter());
  expect(record).toMatchObject({ status: 'failed', exitCode: 3, failure: { kind: 'exit' } });
});

test('in a paused sandbox nobody is let wait, and nothing is accepted', async () => {
  await using place = await createPlace();
  const server = startServer(place);
  server.paused.add(SCOPE);
  await expect(server.execute(SCOPE, SUBMISSION, waiter())).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('Resume it') });
  expect((await place.store.list(SCOPE, { limit: 10 })).records).toEqual([]);
  server.paused.delete(SCOPE);
  expect((await server.execute(SCOPE, SUBMISSION, waiter())).record).toMatchObject({ status: 'completed' });
});

test('a client that leaves has its process stopped, and the record says so', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const client = waiter();
  const answer = startServer(place).execute(SCOPE, SUBMISSION, client);
  await untilStatus(place, await onlyRecord(place), 'running');
  client.leave();
  expect((await answer).record).toMatchObject({ status: 'failed', exitCode: 143, cause: 'abandoned', failure: { kind: 'abandoned' } });
});

test('also one that waits for its place', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const client = waiter();
  const answer = createServer(place).execute(SCOPE, SUBMISSION, client);
  const record = await onlyRecord(place);
  client.leave();
  expect((await answer).record).toMatchObject({ id: record.id, status: 'failed', startedAt: null, failure: { kind: 'abandoned' } });
});

test('also one that is just being started', async () => {
  const starts = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ ends: 'never', startTakes: starts.promise }));
  const client = waiter();
  const answer = startServer(place).execute(SCOPE, SUBMISSION, client);
  await onlyRecord(place);
  client.leave();
  starts.resolve();
  expect((await answer).record).toMatchObject({ status: 'failed', failure: { kind: 'abandoned' } });
});

test('with an idempotency key the process goes on, and the repeat gets it', async () => {
  const ends = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ wait: ends.promise }] }));
  const server = startServer(place);
  const first = waiter('key');
  const answer = server.execute(SCOPE, SUBMISSION, first);
  const record = await untilStatus(place, await onlyRecord(place), 'running');
  first.leave();
  expect((await answer).record).toMatchObject({ id: record.id, status: 'running' });
  const repeat = server.execute(SCOPE, SUBMISSION, waiter('key'));
  ends.resolve();
  expect((await repeat).record).toMatchObject({ id: record.id, status: 'completed' });
  expect((await place.store.list(SCOPE, { limit: 10 })).records).toHaveLength(1);
});

test('at a shutdown the answer is the record as it is, and the process goes on', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const client = waiter();
  const answer = startServer(place).execute(SCOPE, SUBMISSION, client);
  const record = await untilStatus(place, await onlyRecord(place), 'running');
  client.shutDown();
  expect((await answer).record).toMatchObject({ id: record.id, status: 'running', cause: null });
});

test('what is refused is rejected and leaves nothing', async () => {
  await using place = await createPlace();
  await expect(startServer(place).execute(SCOPE, { ...SUBMISSION, language: 'cobol' }, waiter())).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  expect((await place.store.list(SCOPE, { limit: 10 })).records).toEqual([]);
});

test('once it is accepted nothing is an error any more: not a record that is gone, and not a store that fails', async () => {
  await using place = await createPlace(() => ({ ends: 0 }));
  let fails = false;
  const find: typeof place.store.find = async (...process) => {
    if (fails) throw new Error('the disk is broken');
    return place.store.find(...process);
  };
  const server = startServer(place, { store: { ...place.store, find } });
  const client = waiter();
  const answer = server.execute(SCOPE, SUBMISSION, client);
  fails = true;
  expect(await answer).toEqual({ accepted: expect.objectContaining({ id: (await onlyRecord(place)).id }), record: undefined });
  expect(server.logged).toContain('the end of a process could not be waited for');
});
