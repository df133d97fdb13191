import { expect, test } from 'vitest';
import type { OutputFrame, OutputStore } from '../../../src/output/output-store.ts';
import type { Script, Step } from '../../support/fake-container.ts';
import { createPlace, outputOf, type Place, startServer, untilOver } from '../../support/place.ts';

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

async function run(script: Script, refusals: Refusals) {
  const place = await createPlace(() => script);
  const server = startServer(place, { outputs: fullNowAndThen(place, refusals) });
  const record = await untilOver(place, await server.submit());
  return { place, server, record, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('a write that the disk refused once is made up for', async () => {
  await using ran = await run({ steps: prints('one ', 'two ', 'three') }, { append: (call) => call === 2 });
  expect(ran.record).toMatchObject({ status: 'completed', exitCode: 0, failure: null, outputComplete: true });
  expect(await outputOf(ran.place, ran.record)).toBe('one two three');
});

test('so is a spool that could not be opened at first', async () => {
  await using ran = await run({ steps: prints('one ', 'two ', 'three') }, { open: (call) => call <= 2 });
  expect(ran.record).toMatchObject({ status: 'completed', outputComplete: true });
  expect(await outputOf(ran.place, ran.record)).toBe('one two three');
});

test('a process that writes nothing while the disk is full has lost nothing', async () => {
  await using ran = await run({}, { open: () => true });
  expect(ran.record).toMatchObject({ status: 'completed', outputComplete: true, storedBytes: 0 });
});

test('output whose stream breaks after a refusal is whole, and not doubled', async () => {
  const steps = [...prints('one ', 'two ', 'three '), { print: 'bad ', on: 'stderr' as const }, ...prints('four')];
  await using ran = await run({ steps, cuts: [14, 18] }, { append: (call) => call === 2 });
  expect(ran.record).toMatchObject({ status: 'completed', outputComplete: true });
  expect([await outputOf(ran.place, ran.record), await outputOf(ran.place, ran.record, 'stderr')]).toEqual(['one two three four', 'bad ']);
});
