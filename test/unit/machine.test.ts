import { expect, test } from 'vitest';
import { busyPercent, createMachine } from '../../src/machine.ts';

test.each([
  { title: 'half', before: { idle: 100, total: 200 }, now: { idle: 150, total: 300 }, percent: 50 },
  { title: 'all', before: { idle: 0, total: 0 }, now: { idle: 0, total: 10 }, percent: 100 },
  { title: 'nothing', before: { idle: 0, total: 0 }, now: { idle: 7, total: 7 }, percent: 0 },
  { title: 'no time between', before: { idle: 5, total: 9 }, now: { idle: 5, total: 9 }, percent: 0 },
  { title: 'a third', before: { idle: 0, total: 0 }, now: { idle: 2, total: 3 }, percent: 33.3 },
])('the processors are busy: $title', ({ before, now, percent }) => {
  expect(busyPercent(before, now)).toBe(percent);
});

test('what is used and what is free are the whole, and one look serves those who ask together', async () => {
  const look = createMachine('/');
  const [figures, same] = await Promise.all([look(), look()]);
  expect(same).toBe(figures);
  for (const { total, used, free } of [figures.memory, figures.disk]) expect([used + free, used >= 0]).toEqual([total, true]);
  expect(figures.cores).toBeGreaterThan(0);
});
