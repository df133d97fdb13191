import { describe, expect, it } from 'vitest';
import { type DiskRules, type DiskUse, sandboxesToStop } from '../../../src/tenancy/disk-rules.ts';

const RULES: DiskRules = { sandboxBytes: 100, tenantBytes: () => 150, freeBytes: 1_000, leastFreeBytes: 50 };
const use = (sandboxId: string, bytes: number, more: Partial<DiskUse> = {}): DiskUse => ({ sandboxId, tenant: 'acme', bytes, before: 0, ...more });

describe('the sandboxes that write beyond their bounds', () => {
  it.each<{ title: string; uses: DiskUse[]; rules?: Partial<DiskRules>; stopped: string[] }>([
    { title: 'none that is within', uses: [use('a', 100), use('b', 50)], stopped: [] },
    { title: 'one that is beyond its own', uses: [use('a', 101), use('b', 1)], stopped: ['a'] },
    { title: 'none whose processes have just begun', uses: [use('a', 101, { before: undefined })], stopped: [] },
    {
      title: 'one that is far beyond, in any case',
      uses: [use('a', 401, { before: undefined }), use('b', 401, { before: 900, tenant: 'b' })],
      stopped: ['a', 'b'],
    },
    { title: 'none that no longer grows', uses: [use('a', 101, { before: 101 })], stopped: [] },
    { title: 'none that shrinks', uses: [use('a', 399, { before: 900 })], stopped: [] },
    {
      title: 'those of a tenant that is beyond its own, as far as they grow',
      uses: [use('a', 80), use('b', 80), use('c', 10, { before: 10 })],
      stopped: ['a', 'b'],
    },
    { title: 'none of another tenant', uses: [use('a', 80), use('b', 80, { tenant: 'other' })], stopped: [] },
    { title: 'all that grow while the disk is short', uses: [use('a', 1), use('b', 5, { before: 5 })], rules: { freeBytes: 49 }, stopped: ['a'] },
    { title: 'none for a disk that nobody can tell of', uses: [use('a', 1)], rules: { freeBytes: undefined }, stopped: [] },
    { title: 'none where a tenant has no bound', uses: [use('a', 90), use('b', 90)], rules: { tenantBytes: () => Number.POSITIVE_INFINITY }, stopped: [] },
  ])('$title', ({ uses, rules, stopped }) => {
    expect(sandboxesToStop(uses, { ...RULES, ...rules })).toEqual(stopped);
  });
});
