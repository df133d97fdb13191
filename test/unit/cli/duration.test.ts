import { expect, it } from 'vitest';
import { parseDuration } from '../../../src/cli/duration.ts';
import { UsageError } from '../../../src/cli/usage.ts';

it.each([
  ['1s', 1],
  ['90s', 90],
  ['30m', 1_800],
  ['24h', 86_400],
  ['7d', 604_800],
  ['999999999s', 999_999_999],
])('%s is %d seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

it.each(['', '1', 's', '0s', '00s', '-1s', '+1s', '1.5h', '1e3s', '1 s', ' 1s', '1s\n', '1S', '1w', '1h30m', '1000000000s', 'Infinitys', '１s'])(
  '%j is refused with a word on how to write it',
  (text) => {
    expect(() => parseDuration(text)).toThrow(UsageError);
    expect(() => parseDuration(text)).toThrow(/as in 24h$/);
  },
);
