import { expect, test } from 'vitest';
import { createPlace, createServer, SCOPE, startServer } from '../../support/place.ts';

const patient = { ms: 60_000, signal: new AbortController().signal };

test('answers when the process has ended, to as many as wait, and at once afterwards', async () => {
  const gate = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ wait: gate.promise }], ends: 3 }));
  const server = startServer(place);
  const { id } = await server.submit();
  const waits = Array.from({ length: 20 }, () => server.waitUntilEnded(SCOPE, id, patient));
  gate.resolve();
  for (const record of await Promise.all(waits)) expect(record).toMatchObject({ id, status: 'failed', exitCode: 3 });
  expect(await server.waitUntilEnded(SCOPE, id, patient)).toMatchObject({ status: 'failed' });
});

test('answers as it is after the time, or when it is given up', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const { id } = await server.submit();
  expect(await server.waitUntilEnded(SCOPE, id, { ...patient, ms: 0 })).toMatchObject({ status: 'queued' });
  expect(await server.waitUntilEnded(SCOPE, id, { ...patient, ms: 5 })).toMatchObject({ status: 'queued' });
  const given = new AbortController();
  const waiting = server.waitUntilEnded(SCOPE, id, { ...patient, signal: given.signal });
  given.abort();
  expect(await waiting).toMatchObject({ status: 'queued' });
});

test('a process that waits in the queue and is killed there ends the wait', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const { id } = await server.submit();
  const waiting = server.waitUntilEnded(SCOPE, id, patient);
  await server.kill(SCOPE, id);
  expect(await waiting).toMatchObject({ status: 'killed' });
});

test('knows nothing of another scope', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const { id } = await server.submit();
  expect(await server.waitUntilEnded({ ...SCOPE, tenant: 'globex' }, id, patient)).toBeUndefined();
});
