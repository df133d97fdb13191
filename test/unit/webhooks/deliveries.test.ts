import { expect, test } from 'vitest';
import type { ProcessRecord } from '../../../src/process/record.ts';
import { createSqliteProcessStore } from '../../../src/store/sqlite/process-store.ts';
import { createSqliteWebhookStore } from '../../../src/store/sqlite/webhook-store.ts';
import { DELIVERY_LIFE_MS } from '../../../src/webhooks/backoff.ts';
import { createDeliveries } from '../../../src/webhooks/deliveries.ts';
import type { Message, Send } from '../../../src/webhooks/send.ts';
import { CALLBACK } from '../../support/deliveries.ts';
import { createPlace } from '../../support/place.ts';
import { newRecord, SCOPE, SOURCE } from '../../support/records.ts';
import { testDatabase } from '../../support/sqlite.ts';

const ENDED_AT = 1_000_000;

/** A clock and a receiver in the test's hands. */
async function setUp(send: Send) {
  const place = await createPlace();
  const database = await testDatabase();
  const webhooks = createSqliteWebhookStore(database.database);
  const store = createSqliteProcessStore(database.database);
  const clock = { now: ENDED_AT };
  const sent: Message[] = [];
  const logged: string[] = [];
  const note = (_details: object, message: string) => void logged.push(message);
  const closing = new AbortController();
  const make = (differences = {}) =>
    createDeliveries({
      webhooks,
      outputs: place.outputs,
      log: { info: note, warn: note, error: note },
      closing: closing.signal,
      send: (message) => {
        sent.push(message);
        return send(message);
      },
      now: () => clock.now,
      random: () => 0,
      ...differences,
    });
  const { deliverDue } = make();
  return {
    webhooks,
    clock,
    sent,
    logged,
    make,
    outputs: place.outputs,
    deliverDue,
    async tick(): Promise<void> {
      await (await deliverDue()).settled;
    },
    async ended(differences: Partial<ProcessRecord> = {}): Promise<string> {
      const record = newRecord({ status: 'completed', exitCode: 0, startedAt: 1, endedAt: ENDED_AT, ...differences });
      await store.insert(record, { ...SOURCE, callback: CALLBACK });
      return record.id;
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

test('an end is told once, with the output', async () => {
  await using under = await setUp(async () => ({ status: 204 }));
  const id = await under.ended();
  const writer = await under.outputs.open(id, { keptBytes: 1_000 });
  await writer.append([
    { stream: 'stdout', data: Buffer.from('€ out') },
    { stream: 'stderr', data: Buffer.from('err') },
  ]);
  await writer.close();
  await under.tick();
  await under.tick();
  expect(under.sent.map(({ body }) => JSON.parse(body))).toEqual([expect.objectContaining({ process_id: id, stdout: '€ out', stderr: 'err' })]);
  expect(await under.webhooks.find(SCOPE, id)).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 204, lastError: null, lastAt: ENDED_AT });
});

test.each([
  { answer: { status: 500 }, lastStatus: 500, lastError: 'The receiver answered 500, which is not 2xx.' },
  { answer: { status: 302 }, lastStatus: 302, lastError: 'The receiver answered 302, which is not 2xx. Redirects are not followed.' },
  { answer: { problem: 'It is away.' }, lastStatus: null, lastError: 'It is away.' },
])('after $answer it is tried again when its pause is over', async ({ answer, lastStatus, lastError }) => {
  await using under = await setUp(async () => answer);
  const id = await under.ended();
  await under.tick();
  await under.tick();
  expect(under.sent).toHaveLength(1);
  expect(await under.webhooks.find(SCOPE, id)).toMatchObject({ state: 'pending', attempts: 1, nextAt: ENDED_AT + 5_000, lastStatus, lastError });
  under.clock.now += 5_000;
  await under.tick();
  expect(under.sent.map(({ headers }) => headers['X-HopX-Attempt'])).toEqual(['1', '2']);
  expect(new Set(under.sent.map(({ headers }) => headers['X-HopX-Delivery'])).size).toBe(1);
});

test('after a day it has failed; one that was never tried gets its try however late', async () => {
  await using under = await setUp(async () => ({ status: 500 }));
  const id = await under.ended();
  under.clock.now += 2 * DELIVERY_LIFE_MS;
  await under.tick();
  await under.tick();
  expect(under.sent).toHaveLength(1);
  expect(await under.webhooks.find(SCOPE, id)).toMatchObject({ state: 'failed', attempts: 1 });
});

test('receivers that hang are not called twice, and hold up nobody else', async () => {
  const hangs = Promise.withResolvers<{ status: number }>();
  await using under = await setUp((message) => (message.body.includes('"out"') ? hangs.promise : Promise.resolve({ status: 200 })));
  const stuck = await Promise.all(Array.from({ length: 12 }, () => under.ended()));
  for (const id of stuck) {
    const writer = await under.outputs.open(id, { keptBytes: 1_000 });
    await writer.append([{ stream: 'stdout', data: Buffer.from('out') }]);
    await writer.close();
  }
  const rounds = [await under.deliverDue(), await under.deliverDue()];
  await expect.poll(() => under.sent.length).toBe(4);
  const scope = { tenant: 'globex', sandbox: 'default' };
  const other = await under.ended({ scope });
  await under.tick();
  expect(await under.webhooks.find(scope, other)).toMatchObject({ state: 'delivered' });
  expect(under.sent).toHaveLength(5);
  hangs.resolve({ status: 200 });
  await Promise.all(rounds.map(({ settled }) => settled));
  await under.tick();
  await under.tick();
  expect(under.sent).toHaveLength(13);
});

test('an attempt that cannot be recorded is made again', async () => {
  await using under = await setUp(async () => ({ status: 200 }));
  const id = await under.ended();
  let isFull = true;
  const recordAttempt: typeof under.webhooks.recordAttempt = async (...attempt) => {
    if (isFull) throw new Error('disk full');
    await under.webhooks.recordAttempt(...attempt);
  };
  const { deliverDue } = under.make({ webhooks: { ...under.webhooks, recordAttempt } });
  await (await deliverDue()).settled;
  expect(under.logged).toEqual([expect.stringContaining('it is repeated')]);
  isFull = false;
  await (await deliverDue()).settled;
  expect(under.sent).toHaveLength(2);
  expect(await under.webhooks.find(SCOPE, id)).toMatchObject({ state: 'delivered', attempts: 1 });
});
