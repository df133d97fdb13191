import { expect, test } from 'vitest';
import { createDemand, IDLE_MS } from '../../../src/engine/pool-demand.ts';

const NOW = 1_800_000_000_000;

/** The depth after draws at these milliseconds, looked at at `at`. */
function depthAfter(draws: readonly number[], { at, most = 10 }: { at: number; most?: number }): number {
  const demand = createDemand(most);
  for (const draw of draws) demand.note(NOW + draw);
  return demand.depth(NOW + at);
}

test.each([
  { title: 'nothing was ever asked for', draws: [], at: 0, depth: 0 },
  { title: 'one was asked for', draws: [0], at: 1, depth: 1 },
  { title: 'they come one after the other', draws: [0, 2_000, 4_000, 6_000], at: 6_001, depth: 1 },
  { title: 'they come in a burst', draws: [0, 1, 2, 3, 4], at: 5_000, depth: 5 },
  { title: 'the larger of two bursts was the older', draws: [0, 1, 2, 20_000, 20_001], at: 20_002, depth: 3 },
  { title: 'the burst is over a minute old', draws: [0, 1, 2, 20_000], at: 62_000, depth: 1 },
  { title: 'nothing came for a long time', draws: [0, 1, 2], at: IDLE_MS - 1_000, depth: 1 },
  { title: 'nothing came for too long', draws: [0, 1, 2], at: IDLE_MS + 1_000, depth: 0 },
  { title: 'the burst was larger than may be kept', draws: Array.from({ length: 50 }, () => 0), at: 1, depth: 10 },
])('when $title, $depth are kept', ({ draws, at, depth }) => {
  expect(depthAfter(draws, { at })).toBe(depth);
});

test('it knows when one was last asked for', () => {
  const demand = createDemand(1);
  expect(demand.lastAt()).toBe(Number.NEGATIVE_INFINITY);
  demand.note(NOW);
  expect(demand.lastAt()).toBe(NOW);
});
