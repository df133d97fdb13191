import { expect, test } from 'vitest';
import { CoracleError } from '../../../src/errors.ts';
import type { OutputStore } from '../../../src/output/output-store.ts';
import { createPlace, createServer, outputOf, type Place, read, startServer, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

/** The place's output store on a disk that can be full: then it keeps one byte of what it is given, as a write that meets the end of a disk does. */
function fillable({ outputs }: Place) {
  const disk = { isFull: false, refused: 0 };
  function refuse(): never {
    disk.refused += 1;
    throw new Error('disk full');
  }
  const store: OutputStore = {
    ...outputs,
    freeBytes: async () => (disk.isFull ? 0 : outputs.freeBytes()),
    async open(id, limits) {
      if (disk.isFull) refuse();
      const writer = await outputs.open(id, limits);
      return {
        ...writer,
        async append(frames) {
          if (!disk.isFull) return writer.append(frames);
          await writer.append(frames.slice(0, 1).map(({ stream, data }) => ({ stream, data: data.subarray(0, 1) })));
          refuse();
        },
      };
    },
  };
  return { disk, store };
}

test('output that finds the disk full is kept, whole and in order, when there is room again', async () => {
  const goOn = Promise.withResolvers<void>();
  const steps = [{ print: 'one ' }, { wait: goOn.promise }, { print: 'two ' }, { print: 'bad', on: 'stderr' as const }, { print: 'three' }];
  await using place = await createPlace(() => ({ steps }));
  const { disk, store } = fillable(place);
  const process = await startServer(place, { outputs: store }).submit();
  await until(async () => (await outputOf(place, process)) === 'one ', 'the first output');
  disk.isFull = true;
  goOn.resolve();
  await until(() => disk.refused > 0, 'a write that is refused');
  expect('one two three'.startsWith(await outputOf(place, process))).toBe(true);
  disk.isFull = false;
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed', outputComplete: true });
  expect([await outputOf(place, process), await outputOf(place, process, 'stderr')]).toEqual(['one two three', 'bad']);
});

test('output that begins on a full disk is kept when there is room', async () => {
  const goOn = Promise.withResolvers<void>();
  await using place = await createPlace(() => ({ steps: [{ print: 'one ' }, { wait: goOn.promise }, { print: 'two' }] }));
  const { disk, store } = fillable(place);
  const server = startServer(place, { outputs: { ...store, freeBytes: place.outputs.freeBytes } });
  disk.isFull = true;
  const process = await server.submit();
  await until(() => disk.refused > 1, 'writes that are refused');
  disk.isFull = false;
  goOn.resolve();
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed', outputComplete: true });
  expect(await outputOf(place, process)).toBe('one two');
});

test('a server that ends while the disk is full leaves output that the next one goes on with', async () => {
  const goOn = Promise.withResolvers<void>();
  const last = Promise.withResolvers<void>();
  const steps = [{ print: 'one ' }, { wait: goOn.promise }, { print: 'two ' }, { wait: last.promise }, { print: 'three' }];
  await using place = await createPlace(() => ({ steps }));
  const { disk, store } = fillable(place);
  const first = startServer(place, { outputs: store });
  const process = await first.submit();
  await until(async () => (await outputOf(place, process)) === 'one ' && (await read(place, process)).status === 'running', 'the first output');
  disk.isFull = true;
  goOn.resolve();
  await until(() => disk.refused > 0, 'a write that is refused');
  first.letGo();
  const second = createServer(place);
  await (await second.recover()).opened;
  await until(async () => (await outputOf(place, process)) === 'one two ', 'what was refused');
  last.resolve();
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed', outputComplete: true });
  expect(await outputOf(place, process)).toBe('one two three');
});

test('a process whose sandbox cannot be had when it starts stays queued, and runs when there is room', async () => {
  await using place = await createPlace(() => ({ steps: [{ print: 'ran' }] }));
  let asked = 0;
  const ensure: typeof place.sandboxes.ensure = async (scope) => {
    asked += 1;
    // The first time is when it is accepted.
    if (asked === 2) throw new CoracleError('SERVICE_UNAVAILABLE', 'The disk is full. Try again later.');
    return place.sandboxes.ensure(scope);
  };
  const process = await startServer({ ...place, sandboxes: { ...place.sandboxes, ensure } }).submit();
  expect(await untilOver(place, process)).toMatchObject({ status: 'completed', failure: null });
  expect(place.engine.started).toEqual([process.id]);
});
