import { expect, test } from 'vitest';
import { withDeadline } from '../../../../src/engine/docker/deadline.ts';

const never = () => new Promise<never>(() => undefined);

test('work that is done in time gives its answer, and discards nothing', async () => {
  const discarded: string[] = [];
  const work = Promise.resolve('answer');
  expect(await withDeadline(work, { ms: 10_000, what: 'answer', discard: (late) => discarded.push(late) })).toBe('answer');
  expect(discarded).toEqual([]);
});

test('work that fails in time fails with its own error', async () => {
  const error = new Error('no such container');
  await expect(withDeadline(Promise.reject(error), { ms: 10_000, what: 'answer' })).rejects.toBe(error);
});

test('work that never ends is given up with an error that says what it was and what to do', async () => {
  await expect(withDeadline(never(), { ms: 20, what: 'create a container' })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringMatching(/0\.02 s \(create a container\)\. Check/),
  });
});

test('what arrives after the deadline is discarded', async () => {
  const work = Promise.withResolvers<string>();
  const discarded = Promise.withResolvers<string>();
  await expect(withDeadline(work.promise, { ms: 10, what: 'attach', discard: discarded.resolve })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  work.resolve('late');
  expect(await discarded.promise).toBe('late');
});

test('an error that arrives after the deadline is of no interest to anybody', async () => {
  const work = Promise.withResolvers<string>();
  const discarded: string[] = [];
  const options = { ms: 10, what: 'attach', discard: (late: string) => discarded.push(late) };
  await expect(withDeadline(work.promise, options)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  work.reject(new Error('late'));
  await expect(work.promise).rejects.toThrow('late');
  expect(discarded).toEqual([]);
});
