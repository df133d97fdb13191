import { describe, expect, it } from 'vitest';
import { type IdempotencyKey, KEY_LIFE_MS } from '../../src/process/process-store.ts';
import type { ProcessRecord } from '../../src/process/record.ts';
import type { RetentionStore } from '../../src/process/retention-store.ts';
import { newRecord, SCOPE, SOURCE } from '../support/records.ts';
import type { ProcessStoreUnderTest } from './process-store-harness.ts';

export interface KeyedStoreUnderTest extends ProcessStoreUnderTest {
  /** What removes its records. */
  readonly retention: RetentionStore;
}

export type OpenKeyedStore = () => Promise<KeyedStoreUnderTest>;

const KEY: IdempotencyKey = { key: 'order-4711', fingerprint: 'of the first' };

const acceptedNow = (differences: Partial<ProcessRecord> = {}) => newRecord({ acceptedAt: Date.now(), ...differences });

/** What a key answers once a submission counts. */
function repeatOf({ id, executionId, name, acceptedAt }: ProcessRecord, { fingerprint } = KEY) {
  return { fingerprint, accepted: { id, executionId, name, acceptedAt } };
}

/** The part of the process store's contract that keys are about. */
export function idempotencyContract(name: string, open: OpenKeyedStore): void {
  describe(`${name} with idempotency keys`, () => {
    repeats(open);
    separations(open);
    lifetimes(open);
  });
}

function repeats(open: OpenKeyedStore): void {
  it('records a second submission of a key nowhere, and answers with the first', async () => {
    await using under = await open();
    const [first, second] = [acceptedNow({ name: 'nightly' }), acceptedNow()];
    expect(await under.store.insert(first, SOURCE, KEY)).toBeUndefined();
    expect(await under.store.insert(second, { code: 'other', env: {} }, { ...KEY, fingerprint: 'of the second' })).toEqual(repeatOf(first));
    expect((await under.store.list(SCOPE, { limit: 10 })).records).toEqual([first]);
    expect(await under.store.load(second.id)).toBeUndefined();
  });

  it('answers a key with its submission, and one that was never used with nothing', async () => {
    await using under = await open();
    const first = acceptedNow();
    expect(await under.store.findRepeat(SCOPE.tenant, KEY.key)).toBeUndefined();
    await under.store.insert(first, SOURCE, KEY);
    expect(await under.store.findRepeat(SCOPE.tenant, KEY.key)).toEqual(repeatOf(first));
    expect(await under.store.findRepeat(SCOPE.tenant, KEY.key.toUpperCase())).toBeUndefined();
  });

  it('lets one of two submissions at once win, on whatever handle', async () => {
    await using under = await open();
    const records = [acceptedNow(), acceptedNow()] as const;
    const answers = await Promise.all([under.store.insert(records[0], SOURCE, KEY), under.openAgain().insert(records[1], SOURCE, KEY)]);
    const winner = answers[0] === undefined ? records[0] : records[1];
    expect(answers.filter((answer) => answer !== undefined)).toEqual([repeatOf(winner)]);
    expect((await under.store.list(SCOPE, { limit: 10 })).records).toEqual([winner]);
  });

  it('keeps no key of a submission that it refuses', async () => {
    await using under = await open();
    const taken = acceptedNow();
    await under.store.insert(taken, SOURCE);
    await expect(under.store.insert(acceptedNow({ id: taken.id }), SOURCE, KEY)).rejects.toThrow();
    expect(await under.store.findRepeat(SCOPE.tenant, KEY.key)).toBeUndefined();
  });
}

function separations(open: OpenKeyedStore): void {
  it('keeps the same key of two tenants apart', async () => {
    await using under = await open();
    const mine = acceptedNow();
    const theirs = acceptedNow({ scope: { tenant: 'globex', sandbox: SCOPE.sandbox } });
    for (const record of [mine, theirs]) expect(await under.store.insert(record, SOURCE, KEY)).toBeUndefined();
    expect(await under.store.findRepeat(SCOPE.tenant, KEY.key)).toEqual(repeatOf(mine));
    expect(await under.store.findRepeat('globex', KEY.key)).toEqual(repeatOf(theirs));
  });

  it('knows a key of a tenant in all of its sandboxes', async () => {
    await using under = await open();
    const first = acceptedNow();
    await under.store.insert(first, SOURCE, KEY);
    expect(await under.store.insert(acceptedNow({ scope: { ...SCOPE, sandbox: 'other' } }), SOURCE, KEY)).toEqual(repeatOf(first));
  });

  it('takes two keys, and submissions without one, as so many submissions', async () => {
    await using under = await open();
    for (const key of [KEY, { ...KEY, key: 'order-4712' }, undefined, undefined]) expect(await under.store.insert(acceptedNow(), SOURCE, key)).toBeUndefined();
    expect((await under.store.list(SCOPE, { limit: 10 })).records).toHaveLength(4);
  });
}

function lifetimes(open: OpenKeyedStore): void {
  it('has a key on disk with its record', async () => {
    await using under = await open();
    const first = acceptedNow();
    await under.store.insert(first, SOURCE, KEY);
    const again = under.openAgain();
    expect(await again.findRepeat(SCOPE.tenant, KEY.key)).toEqual(repeatOf(first));
    expect(await again.insert(acceptedNow(), SOURCE, KEY)).toEqual(repeatOf(first));
  });

  it('takes a key that is older than its life as new, and then keeps that one', async () => {
    await using under = await open();
    const old = newRecord({ acceptedAt: Date.now() - KEY_LIFE_MS - 1_000 });
    const fresh = acceptedNow();
    await under.store.insert(old, SOURCE, KEY);
    expect(await under.store.findRepeat(SCOPE.tenant, KEY.key)).toBeUndefined();
    expect(await under.store.insert(fresh, SOURCE, { ...KEY, fingerprint: 'anew' })).toBeUndefined();
    expect(await under.store.findRepeat(SCOPE.tenant, KEY.key)).toEqual(repeatOf(fresh, { ...KEY, fingerprint: 'anew' }));
    expect((await under.store.list(SCOPE, { limit: 10 })).records).toEqual([fresh, old]);
  });

  it('keeps a key almost for its whole life', async () => {
    await using under = await open();
    const first = newRecord({ acceptedAt: Date.now() - KEY_LIFE_MS + 60_000 });
    await under.store.insert(first, SOURCE, KEY);
    expect(await under.store.insert(acceptedNow(), SOURCE, KEY)).toEqual(repeatOf(first));
  });

  it('answers with a first submission whose record is gone', async () => {
    await using under = await open();
    const first = acceptedNow({ status: 'completed', endedAt: Date.now() });
    await under.store.insert(first, SOURCE, KEY);
    expect(await under.retention.remove([first.id])).toEqual([first.id]);
    expect(await under.store.insert(acceptedNow(), SOURCE, KEY)).toEqual(repeatOf(first));
    expect((await under.store.list(SCOPE, { limit: 10 })).records).toEqual([]);
  });
}
