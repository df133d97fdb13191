import { expect, test } from 'vitest';
import { createKeptSegments } from '../../../src/output/kept-segments.ts';

const MIB = 1024 * 1024;

test.each([
  { limit: 'a small one', keptBytes: 1_000, segmentBytes: 4_096 },
  { limit: 'a usual one', keptBytes: 16 * MIB, segmentBytes: 256 * 1024 },
  { limit: 'a very large one', keptBytes: 64 * 1024 * MIB, segmentBytes: 2 * MIB },
])('a reader of a spool with $limit as its limit holds no more than a little at a time', ({ keptBytes, segmentBytes }) => {
  expect(createKeptSegments(keptBytes).segmentBytes).toBe(segmentBytes);
});

test('of many segments the head and the newest stay, each half of the limit', () => {
  const kept = createKeptSegments(1024 * MIB);
  const dropped: number[] = [];
  for (let number = 1; number <= 2_000; number += 1) {
    kept.add({ number, dataBytes: kept.segmentBytes, fileBytes: kept.segmentBytes });
    for (let overdue = kept.takeOverdue(); overdue; overdue = kept.takeOverdue()) dropped.push(overdue.number);
  }
  expect(dropped).toEqual(Array.from({ length: dropped.length }, (_, index) => (dropped[0] ?? 0) + index));
  expect(dropped[0]).toBe(258);
  expect(kept.fileBytes).toBe(1024 * MIB);
});
