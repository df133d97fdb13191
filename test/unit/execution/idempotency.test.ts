import { expect, test } from 'vitest';
import type { Submission } from '../../../src/execution/submit.ts';
import { KEY_LIFE_MS } from '../../../src/process/process-store.ts';
import { createPlace, createServer, type Place, SCOPE, SUBMISSION, startServer, untilOver } from '../../support/place.ts';
import { newRecord, SOURCE } from '../../support/records.ts';

const KEY = 'order-4711';

async function recorded({ store }: Place, scope = SCOPE): Promise<string[]> {
  return (await store.list(scope, { limit: 100 })).records.map(({ id }) => id);
}

test('a repeat is answered with the first process, which runs once', async () => {
  await using place = await createPlace();
  const server = startServer(place);
  const first = await server.accept(SCOPE, { ...SUBMISSION, name: 'nightly' }, KEY);
  expect(first.isRepeat).toBe(false);
  await untilOver(place, first.accepted);
  const { accepted, isRepeat } = await server.accept(SCOPE, { ...SUBMISSION, name: 'nightly' }, KEY);
  const { id, executionId, name, acceptedAt } = first.accepted;
  expect({ accepted, isRepeat }).toEqual({ accepted: { id, executionId, name, acceptedAt }, isRepeat: true });
  expect(await recorded(place)).toEqual([id]);
  expect(place.engine.started).toEqual([id]);
});

test('of many at once one counts, and all get its answer', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const answers = await Promise.all(Array.from({ length: 10 }, () => server.accept(SCOPE, SUBMISSION, KEY)));
  const [id] = await recorded(place);
  expect(answers.map(({ accepted }) => accepted.id)).toEqual(Array.from({ length: 10 }, () => id));
  expect(answers.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1);
  expect(await recorded(place)).toHaveLength(1);
  expect(server.scheduler.counts()).toEqual({ running: 0, queued: 1 });
});

test('of two different requests at once under one key one counts, and the other is a conflict', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const answers = await Promise.allSettled(['true', 'false'].map((code) => server.accept(SCOPE, { ...SUBMISSION, code }, KEY)));
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  expect(reasons).toMatchObject([{ code: 'CONFLICT' }]);
  expect(await recorded(place)).toHaveLength(1);
});

test('submissions without a key, or with keys of their own, all count', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  for (const key of [undefined, undefined, KEY, 'order-4712']) expect((await server.accept(SCOPE, SUBMISSION, key)).isRepeat).toBe(false);
  expect(await recorded(place)).toHaveLength(4);
});

const OTHERS: { title: string; differences: Partial<Submission> }[] = [
  { title: 'code', differences: { code: 'false' } },
  { title: 'environment', differences: { env: { A: '1' } } },
  { title: 'name', differences: { name: 'x' } },
  { title: 'time-out', differences: { timeoutSeconds: 61 } },
  { title: 'directory', differences: { workingDir: '/tmp' } },
  { title: 'output limit', differences: { outputLimit: 5_000 } },
  { title: 'way with too much output', differences: { onOutputLimit: 'kill' } },
];

test.each(OTHERS)('the same key with another $title is a conflict, and nothing of it is recorded', async ({ differences }) => {
  await using place = await createPlace();
  const server = createServer(place);
  const { accepted } = await server.accept(SCOPE, SUBMISSION, KEY);
  await expect(server.accept(SCOPE, { ...SUBMISSION, ...differences }, KEY)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await recorded(place)).toEqual([accepted.id]);
  expect((await server.accept(SCOPE, SUBMISSION, KEY)).accepted.id).toBe(accepted.id);
});

test('the same key in another sandbox of the tenant is a conflict, and of another tenant a process of its own', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const { accepted } = await server.accept(SCOPE, SUBMISSION, KEY);
  await expect(server.accept({ ...SCOPE, sandbox: 'other' }, SUBMISSION, KEY)).rejects.toMatchObject({ code: 'CONFLICT' });
  const theirs = await server.accept({ ...SCOPE, tenant: 'globex' }, SUBMISSION, KEY);
  expect(theirs).toMatchObject({ isRepeat: false });
  expect(theirs.accepted.id).not.toBe(accepted.id);
  expect(await recorded(place)).toEqual([accepted.id]);
});

test('an alias of the language and another order of the variables are no other request', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const { accepted } = await server.accept(SCOPE, { ...SUBMISSION, language: 'bash', env: { A: '1', B: '2' } }, KEY);
  const again = await server.accept(SCOPE, { ...SUBMISSION, language: 'SH', env: { B: '2', A: '1' } }, KEY);
  expect(again).toMatchObject({ isRepeat: true, accepted: { id: accepted.id } });
});

test('a repeat is answered when the queue is full', async () => {
  await using place = await createPlace();
  const server = createServer(place, { maxRunning: 1, maxQueued: 0 });
  const { accepted } = await server.accept(SCOPE, SUBMISSION, KEY);
  await expect(server.accept(SCOPE, SUBMISSION, 'another')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect(await server.accept(SCOPE, SUBMISSION, KEY)).toMatchObject({ isRepeat: true, accepted: { id: accepted.id } });
});

test('a repeat is answered when the disk is full', async () => {
  await using place = await createPlace();
  let freeBytes = 1_000;
  const server = createServer(place, { outputs: { ...place.outputs, freeBytes: async () => freeBytes } });
  const { accepted } = await server.accept(SCOPE, SUBMISSION, KEY);
  freeBytes = 0;
  await expect(server.accept(SCOPE, SUBMISSION, 'another')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(await server.accept(SCOPE, SUBMISSION, KEY)).toMatchObject({ isRepeat: true, accepted: { id: accepted.id } });
});

test('a submission that was refused leaves its key for the next', async () => {
  await using place = await createPlace();
  let freeBytes = 0;
  const server = createServer(place, { outputs: { ...place.outputs, freeBytes: async () => freeBytes } });
  await expect(server.accept(SCOPE, SUBMISSION, KEY)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  freeBytes = 1_000;
  expect(await server.accept(SCOPE, { ...SUBMISSION, code: 'something else' }, KEY)).toMatchObject({ isRepeat: false });
});

test('a repeat is answered after the record was removed, and runs nothing', async () => {
  await using place = await createPlace();
  const server = startServer(place);
  const { accepted } = await server.accept(SCOPE, SUBMISSION, KEY);
  await untilOver(place, accepted);
  expect(await server.remove(SCOPE, accepted.id)).toBe('removed');
  expect(await server.accept(SCOPE, SUBMISSION, KEY)).toMatchObject({ isRepeat: true, accepted: { id: accepted.id } });
  expect(place.engine.started).toEqual([accepted.id]);
});

test('a key is free again after a day', async () => {
  await using place = await createPlace();
  const old = newRecord({ status: 'completed', acceptedAt: Date.now() - KEY_LIFE_MS - 1_000, endedAt: 5 });
  await place.store.insert(old, SOURCE, { key: KEY, fingerprint: 'x' });
  expect(await createServer(place).accept(SCOPE, SUBMISSION, KEY)).toMatchObject({ isRepeat: false });
});

test('a repeat is answered by a server whose defaults have changed meanwhile', async () => {
  await using place = await createPlace();
  const { accepted } = await createServer(place).accept(SCOPE, SUBMISSION, KEY);
  const later = createServer(place, { outputPolicy: { defaultBytes: 5_000, mostBytes: 6_000, onLimit: 'kill' } });
  expect(await later.accept(SCOPE, SUBMISSION, KEY)).toMatchObject({ isRepeat: true, accepted: { id: accepted.id } });
});

test.each([
  ['arguments', { args: ['a'] }, { args: ['b'] }],
  ['files', { files: [{ path: '/tmp/a', content: Buffer.from('a') }] }, { files: [{ path: '/tmp/a', content: Buffer.from('b') }] }],
  ['input', { stdin: { data: Buffer.from('a'), isClosed: true } }, { stdin: { data: Buffer.from('a'), isClosed: false } }],
  ['limits', { limits: { pids: 9 } }, { limits: { cpus: 9 } }],
])('a request with other %s is another request', async (_what, one, other) => {
  await using place = await createPlace();
  const server = createServer(place);
  const first = await server.accept(SCOPE, { ...SUBMISSION, ...one }, 'key');
  expect(await server.accept(SCOPE, { ...SUBMISSION, ...one }, 'key')).toMatchObject({
    isRepeat: true,
    accepted: { id: first.accepted.id },
    record: { id: first.accepted.id },
  });
  await expect(server.accept(SCOPE, { ...SUBMISSION, ...other }, 'key')).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(server.accept(SCOPE, SUBMISSION, 'key')).rejects.toMatchObject({ code: 'CONFLICT' });
});
