import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeadline } from '../../../src/execution/deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(ms: number) {
  const onOver = vi.fn();
  return { onOver, deadline: createDeadline(ms, onOver) };
}

test('runs out once, when its time is over', () => {
  const { onOver } = open(1_000);
  vi.advanceTimersByTime(999);
  expect(onOver).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(onOver).toHaveBeenCalledOnce();
});

test('does not run while it is held, and goes on with what was left', () => {
  const { onOver, deadline } = open(1_000);
  for (let round = 0; round < 2; round += 1) {
    vi.advanceTimersByTime(400);
    deadline.hold();
    deadline.hold();
    vi.advanceTimersByTime(100_000);
    deadline.release();
    deadline.release();
  }
  vi.advanceTimersByTime(199);
  expect(onOver).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onOver).toHaveBeenCalledOnce();
});

test('runs out at once when nothing is left, also of a time that is over already', () => {
  const { onOver } = open(-5);
  vi.advanceTimersByTime(0);
  expect(onOver).toHaveBeenCalledOnce();
});

test('never runs out once it is cancelled, held or not', () => {
  const { onOver, deadline } = open(1_000);
  const other = open(1_000);
  deadline.cancel();
  other.deadline.hold();
  other.deadline.cancel();
  vi.advanceTimersByTime(5_000);
  expect(onOver).not.toHaveBeenCalled();
  expect(other.onOver).not.toHaveBeenCalled();
});
