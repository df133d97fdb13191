import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPace } from '../../../src/execution/pace.ts';

const NO_HURRY = new AbortController().signal;

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1000;
}

test('bytes are let through no faster than the rate, however they are cut', async () => {
  for (const pieces of [1, 3, 1_000]) {
    const pace = createPace(1_000_000, NO_HURRY);
    const seconds = await secondsOf(async () => {
      for (let piece = 0; piece < pieces; piece += 1) await pace.take(90_000 / pieces);
    });
    // The last wait of less than 5 ms may have been put off.
    expect(seconds).toBeGreaterThan(0.08);
  }
});

test('time that nothing was taken is not saved up for later', async () => {
  const pace = createPace(1_000_000, NO_HURRY);
  await pace.take(10_000);
  await sleep(100);
  const seconds = await secondsOf(() => pace.take(50_000));
  expect(seconds).toBeGreaterThan(0.04);
});

test('in a hurry everything comes through at once', async () => {
  const pace = createPace(1, AbortSignal.abort());
  for (let piece = 0; piece < 100; piece += 1) await pace.take(1_000_000);
});

test('a hurry that comes during a wait ends it, and there is no other', async () => {
  const hurry = new AbortController();
  const pace = createPace(1, hurry.signal);
  const waiting = pace.take(1_000_000);
  hurry.abort();
  await waiting;
  await pace.take(1_000_000);
});
