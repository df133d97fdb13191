import { expect, test } from 'vitest';
import { fillPage, type ShownOutput } from '../../../src/http/list-page.ts';
import { presentProcess } from '../../../src/http/present.ts';
import type { ProcessRecord } from '../../../src/process/record.ts';
import { newRecord } from '../../support/records.ts';

const EMPTY = { data: Buffer.alloc(0), offset: 0, nextOffset: 0, totalBytes: 0, droppedBytes: 0 };
const MIB = 1024 * 1024;

async function shown(count: number, output: ShownOutput, stdout: string) {
  const records = Array.from({ length: count }, () => newRecord());
  const asked: number[] = [];
  async function view(record: ProcessRecord, tailBytes: number) {
    asked.push(tailBytes);
    return { ...presentProcess({ record, stdout: EMPTY, stderr: EMPTY }), stdout };
  }
  const page = await fillPage({ records, cursors: records.map((_record, index) => `after ${index}`), nextCursor: 'next page' }, output, view);
  return { records, page, asked, ids: page.processes.map(({ process_id }) => process_id) };
}

test('without output nothing is read', async () => {
  const { records, page, asked, ids } = await shown(3, 'none', 'x');
  expect(ids).toEqual(records.map(({ id }) => id));
  expect(asked).toEqual([]);
  expect(Object.keys(page.processes[0] ?? {})).not.toContain('stdout');
  expect(page.nextCursor).toBe('next page');
});

test('a page that fits is whole', async () => {
  const { records, page, asked, ids } = await shown(100, 'tail', 'x'.repeat(1000));
  expect(ids).toEqual(records.map(({ id }) => id));
  expect(new Set(asked)).toEqual(new Set([64 * 1024]));
  expect(page.nextCursor).toBe('next page');
});

test.each([
  ['tail', 64, 0.75],
  ['full', 2, 16],
] as const)('a page with too much %s ends after %i', async (output, expected, mib) => {
  const { records, page, ids } = await shown(100, output, 'x'.repeat(mib * MIB));
  expect(ids).toEqual(records.slice(0, expected).map(({ id }) => id));
  expect(page.nextCursor).toBe(`after ${ids.length - 1}`);
});
