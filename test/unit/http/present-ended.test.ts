import { expect, test } from 'vitest';
import { presentExecuted, presentResult } from '../../../src/http/present-ended.ts';
import { executeReply } from '../../../src/http/schemas/run.ts';
import type { OutputStore } from '../../../src/output/output-store.ts';
import { newRecord } from '../../support/records.ts';

const logged: string[] = [];
const note = (_details: object, message: string) => void logged.push(message);
const log = { info: note, warn: note, error: note };

test.each([
  { title: 'a record that is gone', record: undefined },
  { title: 'an output that cannot be read', record: newRecord() },
])('$title is an answer like any other, which says where to look', async ({ record }) => {
  const accepted = { ...newRecord(), id: 'proc_1' };
  const answer = await presentExecuted({ accepted, record }, log, () => Promise.reject(new Error('broken')));
  // No field that only one of the calls has.
  expect(answer).not.toHaveProperty('language');
  expect(executeReply.parse({ language: '', ...answer })).toMatchObject({
    success: false,
    exit_code: -1,
    process_id: 'proc_1',
    error: expect.stringContaining('/execute/processes/proc_1'),
  });
});

const withResult = (result: string | undefined) => ({ result: async () => (result === undefined ? undefined : Buffer.from(result)) }) as unknown as OutputStore;

test.each([
  { result: undefined, shown: {} },
  { result: '{"result":"42","png":"AAAA","secret":"x"}', shown: { result: '42', png: 'AAAA' } },
  { result: '{"json":[{"a":1}]}', shown: { json: [{ a: 1 }] } },
  { result: '{"result":42}', shown: {} },
  { result: '{"png":"<script>"}', shown: {} },
  { result: '[1]', shown: {} },
  { result: 'nonsense', shown: {} },
])('of $result it shows $shown', async ({ result, shown }) => {
  expect(await presentResult(withResult(result), newRecord())).toEqual(shown);
});
