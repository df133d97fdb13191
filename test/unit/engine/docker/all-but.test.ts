import { expect, it } from 'vitest';
import { allBut } from '../../../../src/engine/docker/all-but.ts';

it.each([[[]], [[0]], [[0xffff]], [[0x6602, 0x5820]], [[1, 2, 3]]])('matches every number but %j, whatever is above its 16 bits', (values) => {
  const patterns = allBut(values);
  const missed = Array.from({ length: 2 ** 16 }, (_, number) => number).filter((number) => !patterns.some(({ mask, bits }) => (number & mask) === bits));
  expect(missed).toEqual(values.toSorted((one, other) => one - other));
  expect(Math.max(0, ...patterns.map(({ mask }) => mask))).toBeLessThan(2 ** 16);
});

it('takes few patterns', () => {
  expect(allBut([0x6602, 0x5820]).length).toBeLessThan(32);
});
