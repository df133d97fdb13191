import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Job } from '../../../src/engine/job.ts';
import { createPool } from '../../../src/engine/pool.ts';
import { specOf } from '../../../src/execution/container-spec.ts';
import type { ProcessStore } from '../../../src/process/process-store.ts';
import { INITIAL_ENVIRONMENT } from '../../../src/sandbox/environment.ts';
import { createPlace, createServer, KEPT_OUTPUT_BYTES, LIMITS, outputOf, type Place, SCOPE, SUBMISSION, startServer, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

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

/** A server whose pool has one container ready, and the jobs that its containers get. */
async function serverWithReady(place: Place, store: Partial<ProcessStore>) {
  const pool = createPool({ engine: place.engine, mostPerSandbox: 1, room: () => 1 });
  const server = startServer(place, { engine: pool, store: { ...place.store, ...store } });
  const sandbox = await place.sandboxes.ensure(SCOPE);
  pool.warm(specOf(sandbox, { image: 'bash', limits: LIMITS, runtime: null }));
  await until(() => pool.hasReady(specOf(sandbox, { image: 'bash', limits: LIMITS, runtime: null })), 'a container to be ready');
  return server;
}

function jobsOf() {
  const jobs: Job[] = [];
  const onJob = (job: Job) => {
    jobs.push(job);
    return { steps: [] };
  };
  return { jobs, script: () => ({ onJob }) };
}

test('where a container is ready its record is accepted and started in one turn', async () => {
  await using place = await createPlace();
  const asked: string[] = [];
  const { insert, transition } = place.store;
  const server = await serverWithReady(place, {
    insert: (record, ...rest) => {
      asked.push('queued');
      setImmediate(() => asked.push('next turn'));
      return insert(record, ...rest);
    },
    transition: (id, change) => {
      asked.push(change.to);
      return transition(id, change);
    },
  });
  const { id } = await server.submit();
  expect(asked.slice(0, 3)).toEqual(['queued', 'running', 'next turn']);
  expect((await untilOver(place, { id })).status).toBe('completed');
});

test('where none is ready the engine is not asked before the record is on disk', async () => {
  await using place = await createPlace();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const insert = vi.fn(place.store.insert).mockImplementationOnce(async (...given) => {
    await promise;
    return place.store.insert(...given);
  });
  const prepare = vi.fn(place.engine.prepare);
  const server = startServer(place, { store: { ...place.store, insert }, engine: { ...place.engine, prepare } });
  const submitted = server.submit();
  await until(() => server.scheduler.counts().running === 1, 'its place to be taken');
  await nextTurn();
  expect(prepare).not.toHaveBeenCalled();
  resolve(undefined);
  expect((await untilOver(place, await submitted)).status).toBe('completed');
});

const refuse = () => Promise.reject(new Error('disk full'));

test.each<[string, Partial<ProcessStore>]>([
  ['refuses the record', { insert: refuse }],
  ['takes nothing any more', { insert: refuse, transition: refuse }],
  [
    'knows an earlier one under its key',
    { insert: async () => ({ fingerprint: 'of another', accepted: { id: 'proc_1', executionId: 'exec_1', name: null, acceptedAt: 0 } }) },
  ],
])('when the store %s no job is given, though there is a place, which is free again', async (_what, store) => {
  const { jobs, script } = jobsOf();
  await using place = await createPlace(script);
  for (const server of [startServer(place, { store: { ...place.store, ...store } }), await serverWithReady(place, store)]) {
    await expect(server.accept(SCOPE, SUBMISSION, 'key')).rejects.toThrow();
    await until(() => server.scheduler.counts().running === 0, 'its place to be given back');
  }
  expect(jobs).toEqual([]);
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
