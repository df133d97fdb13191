import { expect, test } from 'vitest';
import { DELIVERY_LIFE_MS, nextAttempt } from '../../../src/webhooks/backoff.ts';

test.each([
  { attempts: 1, random: 0, pause: 5_000 },
  { attempts: 1, random: 1, pause: 2_500 },
  { attempts: 2, random: 0, pause: 10_000 },
  { attempts: 3, random: 0.5, pause: 15_000 },
  { attempts: 10, random: 0, pause: 2_560_000 },
  { attempts: 11, random: 0, pause: 3_600_000 },
  { attempts: 500, random: 0, pause: 3_600_000 },
])('after attempt $attempts, with $random, it pauses for $pause ms', ({ attempts, random, pause }) => {
  expect(nextAttempt({ attempts, random, endedAt: 1_000, now: 2_000 })).toBe(2_000 + pause);
});

test('it gives up when the next attempt would come more than a day after the end', () => {
  const last = DELIVERY_LIFE_MS - 5_000;
  expect(nextAttempt({ attempts: 1, random: 0, endedAt: 0, now: last })).toBe(DELIVERY_LIFE_MS);
  expect(nextAttempt({ attempts: 1, random: 0, endedAt: 0, now: last + 1 })).toBeUndefined();
});

test('within a day it tries about 30 times', () => {
  let attempts = 0;
  for (let now: number | undefined = 0; now !== undefined; now = nextAttempt({ attempts, random: 0.5, endedAt: 0, now })) attempts += 1;
  expect(attempts).toBeGreaterThan(25);
  expect(attempts).toBeLessThan(50);
});
