import { createHmac } from 'node:crypto';
import type { ProcessRecord } from '../process/record.ts';
import type { Message } from './send.ts';
import type { Delivery } from './webhook-store.ts';

/** What a receiver is told of an ended process. `now` is milliseconds since 1970. */
export interface Ended {
  readonly record: ProcessRecord;
  readonly stdout: string;
  readonly stderr: string;
  readonly now: number;
}

/**
 * The POST that tells an end. The signature is HMAC-SHA256 of the time in X-HopX-Timestamp followed by the raw body, in hex, keyed with the caller's
 * secret. Our own headers come last: a caller's cannot replace them.
 */
export function callbackMessage({ id, callback, attempts }: Delivery, ended: Ended): Message {
  const body = JSON.stringify(callbackBody(ended));
  const timestamp = String(Math.floor(ended.now / 1000));
  return {
    url: callback.url,
    body,
    headers: {
      ...callback.headers,
      'Content-Type': 'application/json',
      'User-Agent': 'coracle',
      'X-HopX-Timestamp': timestamp,
      'X-HopX-Delivery': id,
      'X-HopX-Attempt': String(attempts + 1),
      ...(callback.secret === null ? {} : { 'X-HopX-Signature': `sha256=${sign(callback.secret, timestamp + body)}` }),
    },
  };
}

export function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

function callbackBody({ record, stdout, stderr, now }: Ended) {
  const { startedAt, endedAt } = record;
  return {
    execution_id: record.executionId,
    process_id: record.id,
    status: callbackStatus(record),
    success: record.status === 'completed',
    stdout,
    stderr,
    exit_code: record.exitCode,
    execution_time: startedAt === null || endedAt === null ? 0 : (endedAt - startedAt) / 1000,
    timestamp: new Date(now).toISOString(),
    error: record.status === 'killed' ? 'The process was killed.' : (record.failure?.message ?? null),
  };
}

function callbackStatus({ status, failure }: ProcessRecord): 'completed' | 'failed' | 'timeout' {
  if (status === 'completed') return 'completed';
  return failure?.kind === 'timeout' ? 'timeout' : 'failed';
}
