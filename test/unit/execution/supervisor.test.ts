import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CoracleError } from '../../../src/errors.ts';
import type { FailureKind } from '../../../src/process/outcome.ts';
import type { ProcessRecord } from '../../../src/process/record.ts';
import type { Script } from '../../support/fake-container.ts';
import { createPlace, outputOf, read, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { until } from '../../support/until.ts';

interface Ending {
  readonly title: string;
  readonly script: Script;
  readonly timeoutSeconds?: number;
  readonly expected: Partial<ProcessRecord>;
}

const failure = (kind: FailureKind, message: RegExp) => ({ kind, message: expect.stringMatching(message) });
const MISSING = new CoracleError('IMAGE_MISSING', 'The image of this language is missing. Run the set-up.');

const ENDINGS: Ending[] = [
  { title: 'exit code 0 completes it', script: {}, expected: { status: 'completed', exitCode: 0, failure: null } },
  { title: 'another exit code fails it', script: { ends: 3 }, expected: { status: 'failed', exitCode: 3, failure: failure('exit', /3/) } },
  { title: 'a signal fails it', script: { ends: 143 }, expected: { status: 'failed', exitCode: 143, failure: failure('signal', /SIGTERM/) } },
  {
    title: 'exit code 137 alone proves no lack of memory',
    script: { ends: 137 },
    expected: { status: 'failed', exitCode: 137, failure: failure('signal', /SIGKILL/) },
  },
  { title: 'a lack of memory fails it', script: { ends: 'oom' }, expected: { status: 'failed', exitCode: 137, failure: failure('oom', /64 MiB/) } },
  {
    title: 'its time-out fails it',
    script: { ends: 'never' },
    timeoutSeconds: 1,
    expected: { status: 'failed', exitCode: 143, cause: 'timeout', failure: failure('timeout', /1 s/) },
  },
];

test.each(ENDINGS)('$title, with its output kept and its container removed', async ({ script, timeoutSeconds = 60, expected }) => {
  await using place = await createPlace(() => ({ ...script, steps: [{ print: 'out' }, { print: 'err', on: 'stderr' }] }));
  const record = await untilOver(place, await startServer(place).submit({ timeoutSeconds }));
  expect(record).toMatchObject({ ...expected, outputComplete: true, containerId: expect.any(String) });
  expect(record.startedAt).toBeGreaterThanOrEqual(record.acceptedAt);
  expect(record.endedAt).toBeGreaterThanOrEqual(record.startedAt ?? Number.NaN);
  expect([await outputOf(place, record), await outputOf(place, record, 'stderr')]).toEqual(['out', 'err']);
});

test.each([
  { title: 'an engine that refuses', error: new CoracleError('ENGINE_REFUSED', 'The engine refused. See the log.'), message: /^The engine refused/ },
  { title: 'a missing image', error: MISSING, message: /^The image of this language is missing/ },
  { title: 'an unforeseen fault', error: new Error('ENOENT /var/lib/secret'), message: /^(?!.*secret).*server log/ },
])('$title fails the start and says so', async ({ error, message }) => {
  await using place = await createPlace(() => ({ startFails: error }));
  const record = await untilOver(place, await startServer(place).submit());
  expect(record).toMatchObject({ status: 'failed', exitCode: null, startedAt: null, containerId: null, failure: failure('start', message) });
});

test('a container that somebody removes is lost, with no exit code, and what it wrote is kept', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'so far' }], ends: 'never' }));
  const process = await startServer(place).submit();
  await until(async () => (await outputOf(place, process)) === 'so far', 'its output is kept');
  place.engine.vanish(process.id);
  expect(await untilOver(place, process)).toMatchObject({ status: 'failed', exitCode: null, failure: failure('lost', /removed/) });
  expect(await outputOf(place, process)).toBe('so far');
});

test('while the engine is away a process stays queued, and runs once it is back', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'ran' }] }));
  const server = startServer(place);
  place.engine.goAway();
  const process = await server.submit();
  await until(() => server.logged.some((message) => message.includes('stays queued')), 'the start was tried');
  expect(await read(place, process)).toMatchObject({ status: 'queued', failure: null });
  place.engine.comeBack();
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed' });
  expect(place.engine.started).toEqual([process.id]);
  expect(await outputOf(place, process)).toBe('ran');
});

test.each([
  { title: 'had started the container', fault: { startLost: 'started' } },
  { title: 'had not started the container', fault: { startLost: 'created' } },
] as const)('a start whose connection broke after the engine $title runs the process once, in another', async ({ fault }) => {
  await using place = await createPlace((_spec, attempt) => ({ steps: [{ print: 'ran' }], ...(attempt === 1 ? fault : {}) }));
  const process = await startServer(place).submit();
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed', exitCode: 0, outputComplete: true });
  expect(place.engine.started).toEqual([process.id]);
  expect(await outputOf(place, process)).toBe('ran');
});

test.each(['at once', 'at the job'] as const)(
  'a container that ends before it takes its job, %s, is replaced by another without anybody noticing',
  async (leaves) => {
    await using place = await createPlace((_spec, attempt) => ({ steps: [{ print: 'ran' }], ...(attempt < 3 ? { leaves } : {}) }));
    const record = await untilOver(place, await startServer(place).submit());
    expect(record).toMatchObject({ status: 'completed', exitCode: 0, outputComplete: true });
    expect(place.engine.started).toEqual([record.id]);
    expect(await outputOf(place, record)).toBe('ran');
    expect(await place.engine.list()).toEqual([]);
  },
);

test('a process whose containers all end before they take it has failed, and says so', async () => {
  await using place = await createPlace(() => ({ leaves: 'at once' }));
  const record = await untilOver(place, await startServer(place).submit());
  expect(record).toMatchObject({ status: 'failed', exitCode: null, failure: { kind: 'start', message: expect.stringContaining('coracle doctor') } });
  expect(place.engine.started).toEqual([]);
  expect(await place.engine.list()).toEqual([]);
});

test('a process is on record, with its container, before it runs', async () => {
  const seen: (string | null | undefined)[] = [];
  await using place = await createPlace(() => ({ onJob: () => ({ steps: [{ print: 'ran' }] }) }));
  const transition: typeof place.store.transition = async (...change) => {
    seen.push(...place.engine.started);
    return place.store.transition(...change);
  };
  await untilOver(place, await startServer(place, { store: { ...place.store, transition } }).submit());
  expect(seen).toHaveLength(1);
});

test('output whose stream breaks is taken up again, whole and not doubled', async () => {
  const steps = [{ print: 'one ' }, { print: 'bad ', on: 'stderr' as const }, { print: 'two ' }, { print: 'worse', on: 'stderr' as const }];
  await using place = await createPlace(() => ({ steps, cuts: [2, 6, 9, 14] }));
  const record = await untilOver(place, await startServer(place).submit());
  expect(record).toMatchObject({ status: 'completed', outputComplete: true });
  expect([await outputOf(place, record), await outputOf(place, record, 'stderr')]).toEqual(['one two ', 'bad worse']);
});

test('output whose stream breaks again and again is told to be not whole, and what is kept is exact', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: '0123456789' }], cuts: [1, 2, 3, 4, 5, 6, 7, 8] }));
  const record = await untilOver(place, await startServer(place).submit());
  expect(record).toMatchObject({ status: 'completed', exitCode: 0, outputComplete: false });
  expect('0123456789'.startsWith(await outputOf(place, record))).toBe(true);
});

test('an engine that goes away while a process runs, and comes back, costs it nothing', async () => {
  const goOn = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ print: 'before ' }, { wait: goOn.promise }, { print: 'after' }] }));
  const server = startServer(place);
  const process = await server.submit();
  await until(async () => (await outputOf(place, process)) === 'before ', 'its output is kept');
  place.engine.goAway();
  goOn.resolve();
  await until(() => server.logged.some((message) => message.includes('cut')), 'the server has noticed');
  expect((await read(place, process)).status).toBe('running');
  place.engine.comeBack();
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed', exitCode: 0, outputComplete: true });
  expect(await outputOf(place, process)).toBe('before after');
});

test('a store that fails for a while delays a record and loses nothing', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'ran' }], ends: 3 }));
  let failures = 2;
  const transition: typeof place.store.transition = async (...change) => {
    failures -= 1;
    if (failures >= 0) throw new Error('disk full');
    return place.store.transition(...change);
  };
  const process = await startServer(place, { store: { ...place.store, transition } }).submit();
  expect(await untilOver(place, process)).toMatchObject({ status: 'failed', exitCode: 3 });
  expect(place.engine.started).toEqual([process.id]);
});

test('a container whose removal meets an engine that is away is removed when it is back', async () => {
  await using place = await createPlace();
  const transition: typeof place.store.transition = async (id, change) => {
    if (change.to === 'completed') place.engine.goAway();
    return place.store.transition(id, change);
  };
  const server = startServer(place, { store: { ...place.store, transition } });
  const process = await server.submit();
  await untilStatus(place, process, 'completed');
  await until(() => server.logged.some((message) => message.includes('removed')), 'a removal in vain');
  place.engine.comeBack();
  await untilOver(place, process);
});

test('the time-out is counted from the start of the container, not from acceptance', async () => {
  const startTakes = sleep(1_200);
  await using place = await createPlace(() => ({ startTakes, steps: [{ wait: sleep(1_400) }] }));
  expect(await untilOver(place, await startServer(place).submit({ timeoutSeconds: 1 }))).toMatchObject({ status: 'completed' });
});

test('a process of each of many sandboxes has a user id of its own', async () => {
  await using place = await createPlace(({ uid, sandboxId }) => ({ steps: [{ print: `${uid} ${sandboxId}` }] }));
  const server = startServer(place);
  const scopes = ['a', 'b', 'c'].map((sandbox) => ({ tenant: 'acme', sandbox }));
  const outputs = await Promise.all(
    [...scopes, ...scopes].map(async (scope) => {
      const process = await server.submit({}, scope);
      await untilStatus(place, process, 'completed');
      return outputOf(place, process);
    }),
  );
  expect(new Set(outputs).size).toBe(3);
  expect(new Set(outputs.map((output) => output.split(' ')[0])).size).toBe(3);
});
