import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createUntilDone } from '../../../src/execution/retry.ts';

/** Work that fails so often before it succeeds. */
function failing(times: number) {
  let calls = 0;
  return {
    calls: () => calls,
    async work(): Promise<string> {
      calls += 1;
      if (calls <= times) throw new Error(`failure ${calls}`);
      return 'done';
    },
  };
}

test('work that succeeds is done once, and no failure is reported', async () => {
  const { work, calls } = failing(0);
  const failures: unknown[] = [];
  expect(await createUntilDone(new AbortController().signal)(work, (error) => failures.push(error))).toBe('done');
  expect([calls(), failures]).toEqual([1, []]);
});

test('work that fails is tried again after growing pauses until it succeeds, and each failure is reported', async () => {
  const { work } = failing(2);
  const failures: unknown[] = [];
  const before = performance.now();
  expect(await createUntilDone(new AbortController().signal)(work, (error) => failures.push(error))).toBe('done');
  expect(failures).toEqual([new Error('failure 1'), new Error('failure 2')]);
  expect(performance.now() - before).toBeGreaterThan(290);
});

test('once the server has let go nothing is tried', async () => {
  const { work, calls } = failing(0);
  const reason = new Error('closing');
  await expect(createUntilDone(AbortSignal.abort(reason))(work, () => undefined)).rejects.toBe(reason);
  expect(calls()).toBe(0);
});

test('a server that lets go during a pause ends it', async () => {
  const closing = new AbortController();
  const { work, calls } = failing(Number.POSITIVE_INFINITY);
  const done = createUntilDone(closing.signal)(work, () => closing.abort());
  await expect(Promise.race([done, sleep(5_000, 'too late')])).rejects.toMatchObject({ name: 'AbortError' });
  expect(calls()).toBe(1);
});
