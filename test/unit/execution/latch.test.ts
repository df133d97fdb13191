import { expect, test, vi } from 'vitest';
import { createLatch } from '../../../src/execution/latch.ts';

const never = new AbortController().signal;
const LONG = 2 ** 30;

test('wakes whoever waits', async () => {
  const latch = createLatch();
  const waiting = latch.next(LONG, never);
  latch.open();
  await waiting;
});

test('what came before the wait, however much, wakes it at once and only once', async () => {
  const latch = createLatch();
  latch.open();
  latch.open();
  await latch.next(LONG, never);
  const next = latch.next(LONG, never);
  expect(await Promise.race([next.then(() => 'woken'), Promise.resolve().then(() => 'waiting')])).toBe('waiting');
  latch.open();
  await next;
});

test('wakes after its time', async () => {
  vi.useFakeTimers();
  try {
    const waiting = createLatch().next(5_000, never);
    await vi.advanceTimersByTimeAsync(5_000);
    await waiting;
  } finally {
    vi.useRealTimers();
  }
});

test('wakes when it is given up, before the wait or in it, and leaves no listener', async () => {
  const given = new AbortController();
  const latch = createLatch();
  const waiting = latch.next(LONG, given.signal);
  given.abort();
  await waiting;
  await latch.next(LONG, given.signal);
});
