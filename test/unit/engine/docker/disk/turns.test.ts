import { expect, it } from 'vitest';
import { createTurns } from '../../../../../src/engine/docker/disk/turns.ts';

it('works of one key take turns, those of another do not wait, and a failure holds up nobody', async () => {
  const [inTurn, done, gate] = [createTurns(), [] as string[], Promise.withResolvers<void>()];
  const first = inTurn('a', async () => {
    await gate.promise;
    done.push('a1');
    throw new Error('first');
  });
  const second = inTurn('a', async () => done.push('a2'));
  await inTurn('b', async () => done.push('b'));
  expect(done).toEqual(['b']);
  gate.resolve();
  await expect(first).rejects.toThrow('first');
  await second;
  expect(done).toEqual(['b', 'a1', 'a2']);
});
