import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ProcessRecord } from '../../../src/process/record.ts';
import { callbackMessage } from '../../../src/webhooks/message.ts';
import { newDelivery } from '../../support/deliveries.ts';
import { newRecord } from '../../support/records.ts';

const NOW = 1_700_000_123_456;

function message(differences: Partial<ProcessRecord>, callback = {}, attempts = 0) {
  const record = newRecord({ startedAt: 1_000, endedAt: 2_500, ...differences });
  const { url, headers, body } = callbackMessage(newDelivery({ processId: record.id, attempts }, callback), { record, stdout: 'out', stderr: 'err', now: NOW });
  return { record, url, headers, text: body, body: JSON.parse(body) };
}

test('it says how the process ended', () => {
  const { record, body, url } = message({ status: 'completed', exitCode: 0 });
  expect(url).toBe('http://receiver.example/hook');
  expect(body).toEqual({
    execution_id: record.executionId,
    process_id: record.id,
    status: 'completed',
    success: true,
    stdout: 'out',
    stderr: 'err',
    exit_code: 0,
    execution_time: 1.5,
    timestamp: '2023-11-14T22:15:23.456Z',
    error: null,
  });
});

test.each([
  { title: 'an exit code', ended: { status: 'failed', exitCode: 3, failure: { kind: 'exit', message: 'It failed.' } } as const, status: 'failed' },
  { title: 'a time-out', ended: { status: 'failed', exitCode: 143, failure: { kind: 'timeout', message: 'It failed.' } } as const, status: 'timeout' },
  { title: 'a start that failed', ended: { status: 'failed', failure: { kind: 'start', message: 'It failed.' } } as const, status: 'failed' },
])('$title is $status, and says why', ({ ended, status }) => {
  expect(message(ended).body).toMatchObject({ status, success: false, error: 'It failed.' });
});

test('a kill is failed, also of one that never ran', () => {
  expect(message({ status: 'killed', startedAt: null }).body).toMatchObject({ status: 'failed', execution_time: 0, error: 'The process was killed.' });
});

test('the signature is of the time and the body, as the published verifier computes it', () => {
  const { headers, text } = message({ status: 'completed' }, { secret: 'key' });
  expect(headers['X-HopX-Timestamp']).toBe('1700000123');
  expect(headers['X-HopX-Signature']).toBe(`sha256=${createHmac('sha256', 'key').update(`1700000123${text}`).digest('hex')}`);
  expect(message({ status: 'completed' }).headers).not.toHaveProperty('X-HopX-Signature');
});

test('attempts are counted under one delivery id, and headers of the caller come along', () => {
  const { headers } = message({ status: 'completed' }, { headers: { Authorization: 'Bearer x' } }, 2);
  expect(headers).toMatchObject({ Authorization: 'Bearer x', 'X-HopX-Delivery': 'dlv_1', 'X-HopX-Attempt': '3', 'Content-Type': 'application/json' });
});
