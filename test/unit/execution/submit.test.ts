import { expect, test } from 'vitest';
import type { Job } from '../../../src/engine/job.ts';
import { INITIAL_ENVIRONMENT } from '../../../src/sandbox/environment.ts';
import { createPlace, createServer, KEPT_OUTPUT_BYTES, outputOf, SCOPE, startServer, untilOver } from '../../support/place.ts';

const everything = { limit: 10 };

test('a submitted process is on record with its code before anything starts', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  const accepted = await server.submit({ code: 'echo hi', env: { A: 'b' }, name: 'greeting', timeoutSeconds: 7, workingDir: '/tmp/x' });
  expect(await place.store.load(accepted.id)).toEqual({ record: accepted, source: { code: 'echo hi', env: { A: 'b' } } });
  expect(accepted).toMatchObject({ status: 'queued', name: 'greeting', timeoutSeconds: 7, workingDir: '/tmp/x', startedAt: null, exitCode: null });
  expect(place.engine.started).toEqual([]);
});

test('it is recorded under the name of its language, whatever alias was used', async () => {
  await using place = await createPlace();
  expect((await createServer(place).submit({ language: 'SH' })).language).toBe('bash');
});

test('its container gets the code, the directory, and the environment of language, sandbox and request', async () => {
  const readable = ({ files, ...job }: Job) => ({ ...job, files: files.map(({ path, content }) => [path, Buffer.from(content).toString()]) });
  await using place = await createPlace(({ image, scope }) => ({
    onJob: (job) => ({ steps: [{ print: JSON.stringify({ job: readable(job), image, scope }) }] }),
  }));
  const server = startServer(place);
  const { id } = await server.submit({ code: 'echo hi', env: { A: 'b', PATH: '/mine' }, workingDir: '/workspace/x' });
  await untilOver(place, { id });
  const job = { workingDir: '/workspace/x', compile: [], run: ['bash', '/tmp/main.sh'], files: [['/tmp/main.sh', 'echo hi']] };
  expect(JSON.parse(await outputOf(place, { id }))).toEqual({
    image: 'bash',
    scope: SCOPE,
    job: { ...job, env: { ...INITIAL_ENVIRONMENT, PATH: '/mine', A: 'b' } },
  });
});

test('an unknown language is refused and nothing is recorded', async () => {
  await using place = await createPlace();
  const server = createServer(place);
  await expect(server.submit({ language: 'cobol' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  expect((await place.store.list(SCOPE, everything)).records).toEqual([]);
  expect(server.scheduler.counts().queued).toBe(0);
});

test('a full queue refuses and nothing is recorded', async () => {
  await using place = await createPlace();
  const server = createServer(place, { maxRunning: 1, maxQueued: 1 });
  const accepted = [await server.submit(), await server.submit()];
  await expect(server.submit()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  const { records } = await place.store.list(SCOPE, everything);
  expect(records.map(({ id }) => id)).toEqual(accepted.map(({ id }) => id).reverse());
});

test('of many at once no more are accepted than there are places', async () => {
  await using place = await createPlace();
  const server = createServer(place, { maxRunning: 2, maxQueued: 3 });
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => server.submit()));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  expect(server.scheduler.counts().queued).toBe(5);
});

test('a store that refuses the record has the call fail, and the place is free again', async () => {
  await using place = await createPlace();
  let isFull = true;
  const insert: typeof place.store.insert = async (...record) => {
    if (isFull) throw new Error('disk full');
    await place.store.insert(...record);
  };
  const server = createServer(place, { maxRunning: 1, maxQueued: 0, store: { ...place.store, insert } });
  await expect(server.submit()).rejects.toThrow('disk full');
  isFull = false;
  expect((await server.submit()).status).toBe('queued');
});

test('a disk without room refuses, nothing is recorded, and the place in the queue is free again', async () => {
  await using place = await createPlace();
  let freeBytes = 0;
  const server = createServer(place, { maxRunning: 1, maxQueued: 0, outputs: { ...place.outputs, freeBytes: async () => freeBytes } });
  await expect(server.submit()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringMatching(/disk is full.*\.$/) });
  expect((await place.store.list(SCOPE, everything)).records).toEqual([]);
  expect(server.scheduler.counts().queued).toBe(0);
  freeBytes = 1_000;
  expect((await server.submit()).status).toBe('queued');
});

test.each([
  { title: 'nothing said', asked: {}, expected: { outputLimit: KEPT_OUTPUT_BYTES, onOutputLimit: 'truncate' } },
  { title: 'less than the default', asked: { outputLimit: 4_096 }, expected: { outputLimit: 4_096, onOutputLimit: 'truncate' } },
  {
    title: 'more than the default',
    asked: { outputLimit: KEPT_OUTPUT_BYTES + 1, onOutputLimit: 'kill' as const },
    expected: { outputLimit: KEPT_OUTPUT_BYTES + 1, onOutputLimit: 'kill' },
  },
  { title: 'more than the most', asked: { outputLimit: 2 ** 40 }, expected: { outputLimit: 2 * KEPT_OUTPUT_BYTES } },
])('the limit of the output that is in force is on record: $title', async ({ asked, expected }) => {
  await using place = await createPlace();
  expect(await createServer(place).submit(asked)).toMatchObject(expected);
});
