import { expect, test } from 'vitest';
import type { OutputFrame, OutputStore } from '../../../src/output/output-store.ts';
import type { Script, Step } from '../../support/fake-container.ts';
import { createPlace, outputOf, type Place, SCOPE, startServer, untilOver } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

interface Refusals {
  /** Which calls of `append` the disk refuses, from 1. */
  readonly append?: (call: number) => boolean;
  readonly open?: (call: number) => boolean;
}

/** A spool on a disk that is full now and then. */
function fullNowAndThen({ outputs }: Place, { append = () => false, open = () => false }: Refusals): OutputStore {
  let opened = 0;
  let appended = 0;
  return {
    ...outputs,
    async open(...how) {
      opened += 1;
      if (open(opened)) throw full();
      const writer = await outputs.open(...how);
      return {
        written: writer.written,
        get storedBytes() {
          return writer.storedBytes;
        },
        async append(frames: readonly OutputFrame[]) {
          appended += 1;
          if (append(appended)) throw full();
          await writer.append(frames);
        },
        close: () => writer.close(),
      };
    },
  };
}

const prints = (...texts: readonly string[]): Step[] => texts.map((text) => ({ print: text }));

async function run(script: Script, refusals: Refusals, submission = {}) {
  const place = await createPlace(() => script);
  const server = startServer(place, { outputs: fullNowAndThen(place, refusals) });
  const record = await untilOver(place, await server.submit(submission));
  return { place, server, record, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('a disk that is full for a while costs a process that output, and nothing else', async () => {
  await using ran = await run({ steps: prints('one ', 'two ', 'three') }, { append: (call) => call === 2 });
  expect(ran.record).toMatchObject({ status: 'completed', exitCode: 0, failure: null, outputComplete: false });
  expect(await outputOf(ran.place, ran.record)).toBe('one three');
});

test('it is logged once, whatever is lost', async () => {
  await using ran = await run({ steps: prints('one ', 'two ', 'three'), ends: 3 }, { append: () => true });
  expect(ran.record).toMatchObject({ status: 'failed', exitCode: 3, outputComplete: false, storedBytes: 0 });
  expect(ran.server.logged.filter((message) => message.includes('could not be kept'))).toHaveLength(1);
});

test('a process on a full disk can be killed', async () => {
  await using place = await createPlace(() => ({ steps: prints('one'), ends: 'never' }));
  const server = startServer(place, { outputs: fullNowAndThen(place, { append: () => true }) });
  const process = await server.submit();
  await until(() => server.logged.some((message) => message.includes('could not be kept')), 'a loss');
  expect(await server.kill(SCOPE, process.id)).toMatchObject({ kind: 'killed', record: { outputComplete: false } });
});
test('a disk that is full at the start costs a process only what it writes until there is room', async () => {
  await using ran = await run({ steps: prints('one ', 'two ', 'three') }, { open: (call) => call <= 2 });
  expect(ran.record).toMatchObject({ status: 'completed', outputComplete: false });
  expect(await outputOf(ran.place, ran.record)).toBe('two three');
});

test('a process that writes nothing while the disk is full has lost nothing', async () => {
  await using ran = await run({}, { open: () => true });
  expect(ran.record).toMatchObject({ status: 'completed', outputComplete: true, storedBytes: 0 });
});

test('output that is taken up again after a loss is not doubled', async () => {
  const steps = [...prints('one ', 'two ', 'three '), { print: 'bad ', on: 'stderr' as const }, ...prints('four')];
  await using ran = await run({ steps, cuts: [14, 18] }, { append: (call) => call === 2 });
  expect(ran.record).toMatchObject({ status: 'completed', outputComplete: false });
  expect([await outputOf(ran.place, ran.record), await outputOf(ran.place, ran.record, 'stderr')]).toEqual(['one three four', 'bad ']);
});

test('what is not kept counts towards the output limit all the same', async () => {
  const steps = [{ print: 'x'.repeat(5_000) }, { print: 'x'.repeat(5_000) }];
  await using ran = await run({ steps, ends: 'never' }, { append: () => true }, { outputLimit: 8_192, onOutputLimit: 'kill' });
  expect(ran.record).toMatchObject({ status: 'failed', failure: { kind: 'output_limit' }, outputComplete: false });
});
