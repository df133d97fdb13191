import { expect, test } from 'vitest';
import { describeFinding, fuzz } from '../fuzz/run.ts';
import { KEPT_SEEDS } from '../fuzz/seeds.ts';
import { openTarget } from '../fuzz/target.ts';

const runs = [...KEPT_SEEDS, { seed: Date.now() % 1_000_000, requests: 3_000, found: 'nothing yet' }];

test.each(runs)('$requests requests of seed $seed ($found) get answers of the contract only', async ({ seed, requests }) => {
  await using target = await openTarget();
  const { findings, statuses } = await fuzz({ ...target, requests, seed, clients: 8 });
  expect(findings.map(describeFinding)).toEqual([]);
  expect([...statuses.values()].reduce((sum, count) => sum + count)).toBe(requests);
});
