import { describe, expect, it } from 'vitest';
import type { ProcessStore } from '../../src/process/process-store.ts';
import type { ProcessRecord } from '../../src/process/record.ts';
import type { RetentionStore } from '../../src/process/retention-store.ts';
import type { Attempt, WebhookStore } from '../../src/webhooks/webhook-store.ts';
import { CALLBACK } from '../support/deliveries.ts';
import { newRecord, SCOPE, SOURCE } from '../support/records.ts';

/** A store that is empty, and gone when its scope ends. */
export interface WebhookStoreUnderTest extends AsyncDisposable {
  readonly webhooks: WebhookStore;
  /** Where its deliveries come from, and go with. */
  readonly store: ProcessStore;
  readonly retention: RetentionStore;
  /** Another handle on the same data. */
  openAgain(): WebhookStore;
}

export type OpenWebhookStore = () => Promise<WebhookStoreUnderTest>;

const MANY = { all: 1_000, perTenant: 1_000 };
const GLOBEX = { tenant: 'globex', sandbox: 'default' };
const FAILED: Attempt = { state: 'pending', nextAt: 5_000, lastAt: 1_000, lastStatus: 500, lastError: 'It answered 500.' };

async function insertEnded(store: ProcessStore, differences: Partial<ProcessRecord> = {}): Promise<string> {
  const record = newRecord({ status: 'completed', endedAt: 1_000, ...differences });
  await store.insert(record, { ...SOURCE, callback: CALLBACK });
  return record.id;
}

const dueIds = async (webhooks: WebhookStore, now = 1_000, most = MANY) => (await webhooks.due(now, most)).map(({ record }) => record.id);

export function webhookStoreContract(name: string, open: OpenWebhookStore): void {
  describe(`${name} as a webhook store`, () => {
    deliveries(open);
    due(open);
    attempts(open);
  });
}

function deliveries(open: OpenWebhookStore): void {
  it('has a delivery of a process that came with a callback, and of no other', async () => {
    await using under = await open();
    const plain = newRecord();
    await under.store.insert(plain, SOURCE);
    const told = newRecord();
    const callback = { url: 'https://a.example/?x=é', headers: { 'X-A': '1', __proto__x: '2' }, secret: 's' };
    await under.store.insert(told, { ...SOURCE, callback });
    expect(await under.webhooks.find(SCOPE, plain.id)).toBeUndefined();
    expect(await under.openAgain().find(SCOPE, told.id)).toEqual({
      id: expect.stringMatching(/^dlv_/),
      processId: told.id,
      callback,
      state: 'pending',
      attempts: 0,
      nextAt: 0,
      lastAt: null,
      lastStatus: null,
      lastError: null,
    });
  });

  it("never answers with another tenant's, or another sandbox's", async () => {
    await using under = await open();
    const id = await insertEnded(under.store);
    for (const other of [GLOBEX, { ...SCOPE, sandbox: 'other' }]) expect(await under.webhooks.find(other, id)).toBeUndefined();
  });

  it('a repeat of a submission adds none', async () => {
    await using under = await open();
    const key = { key: 'k', fingerprint: 'f' };
    const [first, second] = [newRecord({ acceptedAt: Date.now() }), newRecord({ acceptedAt: Date.now() })];
    for (const record of [first, second]) await under.store.insert(record, { ...SOURCE, callback: CALLBACK }, key);
    expect(await under.webhooks.find(SCOPE, first.id)).toBeDefined();
    expect(await under.webhooks.find(SCOPE, second.id)).toBeUndefined();
  });

  it('loses it with its record', async () => {
    await using under = await open();
    const id = await insertEnded(under.store);
    await under.retention.remove([id]);
    expect(await under.webhooks.find(SCOPE, id)).toBeUndefined();
    await under.webhooks.recordAttempt(id, FAILED);
    expect(await dueIds(under.webhooks, 10_000)).toEqual([]);
  });
}

function due(open: OpenWebhookStore): void {
  it('is due once the process has ended, with its record', async () => {
    await using under = await open();
    const record = newRecord({ status: 'running', startedAt: 1 });
    await under.store.insert(record, { ...SOURCE, callback: CALLBACK });
    expect(await dueIds(under.webhooks)).toEqual([]);
    const ended = await under.store.transition(record.id, {
      to: 'failed',
      endedAt: 1_000,
      exitCode: 3,
      failure: { kind: 'exit', message: 'm' },
      outputComplete: true,
      storedBytes: 1,
      usage: null,
    });
    const [found] = await under.openAgain().due(1_000, MANY);
    expect(found?.record).toEqual(ended);
    expect(found?.delivery).toEqual(await under.webhooks.find(SCOPE, record.id));
  });

  it('names the longest overdue first, as many as asked for', async () => {
    await using under = await open();
    const [a, b, c] = [await insertEnded(under.store), await insertEnded(under.store), await insertEnded(under.store)] as const;
    await under.webhooks.recordAttempt(a, { ...FAILED, nextAt: 30 });
    await under.webhooks.recordAttempt(c, { ...FAILED, nextAt: 20 });
    expect(await dueIds(under.webhooks)).toEqual([b, c, a]);
    expect(await dueIds(under.webhooks, 1_000, { all: 2, perTenant: 9 })).toEqual([b, c]);
    expect(await dueIds(under.webhooks, 29)).toEqual([b, c]);
  });

  it('names at most so many of a tenant, so that nobody waits behind another', async () => {
    await using under = await open();
    const mine = [await insertEnded(under.store), await insertEnded(under.store), await insertEnded(under.store)];
    const other = await insertEnded(under.store, { scope: GLOBEX });
    const named = await dueIds(under.webhooks, 1_000, { all: 9, perTenant: 2 });
    expect(named.toSorted()).toEqual([mine[0], mine[1], other].toSorted());
    expect(SCOPE.tenant).not.toBe(GLOBEX.tenant);
  });
}

function attempts(open: OpenWebhookStore): void {
  it('counts an attempt and remembers what came of it', async () => {
    await using under = await open();
    const id = await insertEnded(under.store);
    await under.webhooks.recordAttempt(id, FAILED);
    await under.webhooks.recordAttempt(id, { ...FAILED, lastStatus: null, nextAt: 9_000 });
    expect(await under.openAgain().find(SCOPE, id)).toMatchObject({ attempts: 2, ...FAILED, lastStatus: null, nextAt: 9_000 });
    expect(await dueIds(under.webhooks, 8_999)).toEqual([]);
    expect(await dueIds(under.webhooks, 9_000)).toEqual([id]);
  });

  it.each(['delivered', 'failed'] as const)('one that is %s is never due again and never changes', async (state) => {
    await using under = await open();
    const id = await insertEnded(under.store);
    await under.webhooks.recordAttempt(id, { state, nextAt: 0, lastAt: 7, lastStatus: 200, lastError: null });
    await under.webhooks.recordAttempt(id, FAILED);
    expect(await under.webhooks.find(SCOPE, id)).toMatchObject({ state, attempts: 1, lastAt: 7 });
    expect(await dueIds(under.webhooks, 10 ** 12)).toEqual([]);
  });
}
