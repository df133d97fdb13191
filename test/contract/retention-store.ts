import { describe, expect, it } from 'vitest';
import { KEY_LIFE_MS, type ProcessStore } from '../../src/process/process-store.ts';
import type { ProcessRecord } from '../../src/process/record.ts';
import type { RetentionPolicy, RetentionStore } from '../../src/process/retention-store.ts';
import { STATUSES, TRANSITIONS } from '../../src/process/status.ts';
import { newRecord, SCOPE, SOURCE } from '../support/records.ts';

/** A store that is empty, and gone when its scope ends. */
export interface RetentionStoreUnderTest extends AsyncDisposable {
  readonly retention: RetentionStore;
  /** Where its records come from. */
  readonly store: ProcessStore;
  /** Another handle on the same data. */
  openAgain(): RetentionStore;
}

export type OpenRetentionStore = () => Promise<RetentionStoreUnderTest>;

/** A policy that has room for everything but what a test takes away. */
const roomFor = (policy: Partial<RetentionPolicy>): RetentionPolicy => ({
  endedBefore: 0,
  mostPerSandbox: 1_000_000,
  mostBytes: 2 ** 50,
  mostBytesOf: () => Number.POSITIVE_INFINITY,
  ...policy,
});
const NO_ROOM: RetentionPolicy = { endedBefore: Number.MAX_SAFE_INTEGER, mostPerSandbox: 0, mostBytes: 0, mostBytesOf: () => 0 };
const MANY = 1_000;
const OTHERS = [
  { tenant: 'acme', sandbox: 'other' },
  { tenant: 'globex', sandbox: 'default' },
] as const;

async function insert(store: ProcessStore, differences: Partial<ProcessRecord>): Promise<string> {
  const record = newRecord(differences);
  await store.insert(record, SOURCE);
  return record.id;
}

/** Processes that ended, in the order in which they were accepted. */
async function insertEnded(store: ProcessStore, all: readonly Partial<ProcessRecord>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, differences] of all.entries()) ids.push(await insert(store, { status: 'completed', endedAt: 1_000 + index, ...differences }));
  return ids;
}

const endedAt = (...times: readonly number[]) => times.map((time) => ({ endedAt: time }));
const ofBytes = (...sizes: readonly number[]) => sizes.map((storedBytes) => ({ storedBytes }));

export function retentionStoreContract(name: string, open: OpenRetentionStore): void {
  describe(`${name} as a retention store`, () => {
    whatExpires(open);
    removal(open);
    lookups(open);
    keys(open);
  });
}

function whatExpires(open: OpenRetentionStore): void {
  it('names what ended before a time, and nothing that ended at it or later', async () => {
    await using under = await open();
    const [old] = await insertEnded(under.store, endedAt(999, 1_000, 1_001));
    expect(await under.retention.expired(roomFor({ endedBefore: 1_000 }), MANY)).toEqual([old]);
  });

  it('names what is over the number of its sandbox: each keeps its newest', async () => {
    await using under = await open();
    const scopes = [SCOPE, ...OTHERS];
    const ids = await insertEnded(
      under.store,
      [...scopes, SCOPE, SCOPE, OTHERS[0]].map((scope) => ({ scope })),
    );
    expect(await under.retention.expired(roomFor({ mostPerSandbox: 2 }), MANY)).toEqual([ids[0]]);
    expect(await under.retention.expired(roomFor({ mostPerSandbox: 1 }), MANY)).toEqual([ids[0], ids[1], ids[3]]);
    expect(await under.retention.expired(roomFor({ mostPerSandbox: 3 }), MANY)).toEqual([]);
  });

  it('counts only what has ended towards the number of a sandbox', async () => {
    await using under = await open();
    const [ended] = await insertEnded(under.store, [{}]);
    for (let count = 0; count < 5; count += 1) await insert(under.store, { status: 'running' });
    expect(await under.retention.expired(roomFor({ mostPerSandbox: 1 }), MANY)).toEqual([]);
    expect(await under.retention.expired(roomFor({ mostPerSandbox: 0 }), MANY)).toEqual([ended]);
  });

  it("names the oldest of a tenant that has too many bytes, and nobody else's", async () => {
    await using under = await open();
    const [, globex] = OTHERS;
    const ids = await insertEnded(under.store, [
      { storedBytes: 10, scope: globex },
      { storedBytes: 10 },
      { storedBytes: 20, scope: OTHERS[0] },
      { storedBytes: 30 },
      { storedBytes: 100, scope: globex },
    ]);
    const mostOfAcme = (most: number) => roomFor({ mostBytesOf: (tenant) => (tenant === SCOPE.tenant ? most : Number.POSITIVE_INFINITY) });
    expect(await under.retention.expired(mostOfAcme(60), MANY)).toEqual([]);
    expect(await under.retention.expired(mostOfAcme(59), MANY)).toEqual([ids[1]]);
    expect(await under.retention.expired(mostOfAcme(49), MANY)).toEqual([ids[1], ids[2]]);
    expect(await under.retention.expired(mostOfAcme(0), MANY)).toEqual([ids[1], ids[2], ids[3]]);
    expect(await under.retention.expired(mostOfAcme(0), 2)).toEqual([ids[1], ids[2]]);
  });

  it('tells how many bytes a tenant has, of what has ended', async () => {
    await using under = await open();
    await insertEnded(under.store, [{ storedBytes: 10 }, { storedBytes: 20, scope: OTHERS[0] }, { storedBytes: 40, scope: OTHERS[1] }]);
    await insert(under.store, { status: 'running', storedBytes: 80 });
    expect(await under.retention.bytesOf('acme')).toBe(30);
    expect(await under.retention.bytesOf('globex')).toBe(40);
    expect(await under.retention.bytesOf('nobody')).toBe(0);
  });

  it.each([
    { mostBytes: 60, gone: 0 },
    { mostBytes: 59, gone: 1 },
    { mostBytes: 50, gone: 1 },
    { mostBytes: 49, gone: 2 },
    { mostBytes: 30, gone: 2 },
    { mostBytes: 0, gone: 3 },
  ])('of 10, 20 and 30 bytes the oldest $gone have no room in $mostBytes', async ({ mostBytes, gone }) => {
    await using under = await open();
    const ids = await insertEnded(under.store, ofBytes(10, 20, 30));
    expect(await under.retention.expired(roomFor({ mostBytes }), MANY)).toEqual(ids.slice(0, gone));
  });

  it('counts bytes over all tenants, by the order in which they ended', async () => {
    await using under = await open();
    const differences = [
      { scope: SCOPE, endedAt: 3_000 },
      { scope: OTHERS[0], endedAt: 1_000 },
      { scope: OTHERS[1], endedAt: 2_000 },
    ];
    const [newest, oldest, middle] = await insertEnded(
      under.store,
      differences.map((difference) => ({ ...difference, storedBytes: 2 ** 33 })),
    );
    expect(await under.retention.expired(roomFor({ mostBytes: 2 ** 34 }), MANY)).toEqual([oldest]);
    expect(await under.retention.expired(roomFor({ mostBytes: 0 }), MANY)).toEqual([oldest, middle, newest]);
  });

  it('names each once, oldest end first, as many as were asked for', async () => {
    await using under = await open();
    const [third, first, fourth, second] = await insertEnded(under.store, endedAt(3, 1, 4, 2));
    expect(await under.retention.expired(NO_ROOM, MANY)).toEqual([first, second, third, fourth]);
    expect(await under.retention.expired(NO_ROOM, 3)).toEqual([first, second, third]);
    expect(await under.retention.expired(NO_ROOM, 1)).toEqual([first]);
  });
}

function removal(open: OpenRetentionStore): void {
  it.each(STATUSES)('a process that is %s is named and removed only when it has ended', async (status) => {
    await using under = await open();
    const hasEnded = TRANSITIONS[status].length === 0;
    const id = await insert(under.store, { status, endedAt: hasEnded ? 5 : null });
    expect(await under.retention.expired(NO_ROOM, MANY)).toEqual(hasEnded ? [id] : []);
    expect(await under.openAgain().remove([id])).toEqual(hasEnded ? [id] : []);
    expect(await under.store.load(id)).toEqual(hasEnded ? undefined : expect.anything());
  });

  it('removes what has ended of a list, leaves the rest alone, and says which is which', async () => {
    await using under = await open();
    const [first, second, third] = (await insertEnded(under.store, [{}, {}, {}])) as [string, string, string];
    const running = await insert(under.store, { status: 'running' });
    expect(await under.retention.remove([third, running, 'proc_x', first])).toEqual([third, first]);
    expect((await under.store.list(SCOPE, { limit: 10 })).records.map(({ id }) => id)).toEqual([running, second]);
    expect(await under.retention.remove([first])).toEqual([]);
    expect(await under.retention.remove([])).toEqual([]);
  });
}

function lookups(open: OpenRetentionStore): void {
  it('says which ids have no record, whatever the status of the others', async () => {
    await using under = await open();
    const ids: string[] = [];
    for (const status of STATUSES) ids.push(await insert(under.store, { status }));
    expect(await under.retention.unknown(['proc_x', ...ids, '', "' OR 1=1 --"])).toEqual(['proc_x', '', "' OR 1=1 --"]);
    expect(await under.retention.unknown([])).toEqual([]);
  });

  it('is empty until the first record, and again after the last', async () => {
    await using under = await open();
    expect(await under.retention.isEmpty()).toBe(true);
    const ids = await insertEnded(under.store, [{}]);
    expect(await under.openAgain().isEmpty()).toBe(false);
    await under.retention.remove(ids);
    expect(await under.retention.isEmpty()).toBe(true);
  });
}

function keys(open: OpenRetentionStore): void {
  it('forgets keys that are too old, keeps the others, and touches no record', async () => {
    await using under = await open();
    const old = newRecord({ acceptedAt: Date.now() - KEY_LIFE_MS - 1_000 });
    const young = newRecord({ acceptedAt: Date.now() - KEY_LIFE_MS + 60_000 });
    for (const record of [old, young]) await under.store.insert(record, SOURCE, { key: record.id, fingerprint: 'f' });
    await under.retention.forgetKeys();
    expect(await under.store.findRepeat(SCOPE.tenant, young.id)).toMatchObject({ accepted: { id: young.id } });
    expect(await under.store.findRepeat(SCOPE.tenant, old.id)).toBeUndefined();
    expect(await under.retention.unknown([old.id, young.id])).toEqual([]);
  });
}
