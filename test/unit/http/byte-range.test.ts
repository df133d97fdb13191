import { expect, test } from 'vitest';
import { parseByteRange } from '../../../src/http/byte-range.ts';

const MOST = 1000;

test.each([
  ['bytes=0-0', { offset: 0, limit: 1 }],
  ['bytes=10-19', { offset: 10, limit: 10 }],
  ['bytes= 10 - 19', { offset: 10, limit: 10 }],
  ['bytes=10-', { offset: 10, limit: MOST }],
  ['bytes=0-99999', { offset: 0, limit: MOST }],
  ['bytes=-5', { offset: -5, limit: 5 }],
  ['bytes=-5000', { offset: -5000, limit: MOST }],
])('%s is %j', (header, range) => {
  expect(parseByteRange(header, MOST)).toEqual(range);
});

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=-0',
  'bytes=5-4',
  'bytes=0-1,5-6',
  'lines=0-1',
  'bytes=a-b',
  'bytes=1.5-2',
  `bytes=${'9'.repeat(30)}-`,
])('%s is passed over', (header) => {
  expect(parseByteRange(header, MOST)).toBeUndefined();
});
