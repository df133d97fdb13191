import { describe, expect, it } from 'vitest';
import { NOTHING_RAN, type ProcessStore, type Transition } from '../../src/process/process-store.ts';
import type { ProcessRecord, ProcessSource, Scope } from '../../src/process/record.ts';
import { type ProcessStatus, STATUSES, TRANSITIONS } from '../../src/process/status.ts';
import { newRecord, SCOPE, SOURCE } from '../support/records.ts';

/** A store that is empty, and gone when its scope ends. */
export interface ProcessStoreUnderTest extends AsyncDisposable {
  readonly store: ProcessStore;
  /** Another handle on the same data: what it sees is what a server would find after a crash of the first. */
  openAgain(): ProcessStore;
}

export type OpenProcessStore = () => Promise<ProcessStoreUnderTest>;

const TO_RUNNING: Transition = { to: 'running', startingAt: 1_700_000_000_500, startedAt: 1_700_000_001_000, containerId: 'c0ffee' };
const ended = (to: 'completed' | 'failed' | 'killed') => ({ ...NOTHING_RAN, to, endedAt: 1_700_000_002_000, failure: null }) as const;
const CHANGES = { running: TO_RUNNING, completed: ended('completed'), failed: ended('failed'), killed: ended('killed') } as const;

/** How a process that was just accepted gets into a status. */
const WAYS: Readonly<Record<ProcessStatus, readonly Transition[]>> = {
  queued: [],
  running: [CHANGES.running],
  completed: [CHANGES.running, CHANGES.completed],
  failed: [CHANGES.failed],
  killed: [CHANGES.killed],
};

async function insertedAs(store: ProcessStore, status: ProcessStatus): Promise<ProcessRecord> {
  const record = newRecord();
  await store.insert(record, SOURCE);
  for (const change of WAYS[status]) await store.transition(record.id, change);
  const found = await store.find(record.scope, record.id);
  if (found?.status !== status) throw new Error(`the process is ${found?.status} instead of ${status}`);
  return found;
}

async function insertMany(store: ProcessStore, count: number, differences: Partial<ProcessRecord> = {}): Promise<string[]> {
  const records = Array.from({ length: count }, () => newRecord(differences));
  for (const record of records) await store.insert(record, SOURCE);
  return records.map(({ id }) => id);
}

const idsOf = (records: readonly ProcessRecord[]) => records.map(({ id }) => id);

export function processStoreContract(name: string, open: OpenProcessStore): void {
  describe(`${name} as a process store`, () => {
    insertion(open);
    transitions(open);
    causes(open);
    scopes(open);
    pages(open);
    aliveLists(open);
  });
}

const MIB = 1024 * 1024;
const SOURCES: readonly (readonly [what: string, source: ProcessSource])[] = [
  ['every kind of character', { code: 'print("ä € 𝄞 \u202e \ufeff \r\n\t \u0001")', env: { GREETING: 'grüß dich 👋\nzwei' } }],
  ['1 MiB of code', { code: `# x ${'€'.repeat((MIB - 4) / 3)}`, env: {} }],
  [
    'environment names that are odd',
    { code: 'x', env: { constructor: '1', 'a b': '2', 'ÄÖ.-': '3', '"; DROP TABLE processes': '4', 'line\nbreak': '', '0': '6' } },
  ],
];

function insertion(open: OpenProcessStore): void {
  it('has an inserted process on disk before it says so', async () => {
    await using under = await open();
    const record = newRecord({ name: 'nightly report', language: 'go', workingDir: '/tmp/x', timeoutSeconds: 86_400 });
    await under.store.insert(record, SOURCE);
    expect(await under.openAgain().load(record.id)).toEqual({ record, source: SOURCE });
  });

  it.each(SOURCES)('gives back %s exactly', async (_what, source) => {
    await using under = await open();
    const record = newRecord();
    await under.store.insert(record, source);
    expect(await under.openAgain().load(record.id)).toEqual({ record, source });
  });

  it('refuses an id that is taken, and changes nothing', async () => {
    await using under = await open();
    const record = newRecord();
    await under.store.insert(record, SOURCE);
    await expect(under.store.insert(newRecord({ id: record.id, name: 'another' }), { code: 'other', env: {} })).rejects.toThrow();
    expect(await under.store.load(record.id)).toEqual({ record, source: SOURCE });
    expect((await under.store.list(SCOPE, { limit: 10 })).records).toEqual([record]);
  });

  it('knows nothing of an id that was never inserted', async () => {
    await using under = await open();
    const answers = [under.store.load('proc_x'), under.store.find(SCOPE, 'proc_x'), under.store.transition('proc_x', TO_RUNNING)];
    expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined]);
    expect(await under.store.recordCause('proc_x', 'kill')).toBeUndefined();
  });
}

function transitions(open: OpenProcessStore): void {
  const pairs = STATUSES.flatMap((from) => Object.values(CHANGES).map((change) => [from, change.to, TRANSITIONS[from].includes(change.to)] as const));

  it.each(pairs)('from %s to %s: %s', async (from, to, isAllowed) => {
    await using under = await open();
    const before = await insertedAs(under.store, from);
    const after = await under.store.transition(before.id, CHANGES[to]);
    expect(after?.status).toBe(isAllowed ? to : undefined);
    expect(await under.openAgain().find(SCOPE, before.id)).toEqual(isAllowed ? after : before);
  });

  it('records everything that a transition says', async () => {
    await using under = await open();
    const record = newRecord();
    await under.store.insert(record, SOURCE);
    const running = { ...record, status: 'running', startingAt: 4, startedAt: 5, containerId: 'abc' } as const;
    expect(await under.store.transition(record.id, { to: 'running', startingAt: 4, startedAt: 5, containerId: 'abc' })).toEqual(running);
    const failure = { kind: 'oom', message: 'Too little memory: “512 MiB”.' } as const;
    const usage = { peakMemoryBytes: 2 ** 40, cpuMs: 7 };
    const ending = { endedAt: 9, exitCode: 137, failure, outputComplete: false, storedBytes: 2 ** 33, usage } as const;
    const failed = { ...running, status: 'failed', ...ending } as const;
    expect(await under.store.transition(record.id, { to: 'failed', ...ending })).toEqual(failed);
    expect(await under.openAgain().find(SCOPE, record.id)).toEqual(failed);
  });

  it('lets one of two competing transitions win, and tells the other', async () => {
    await using under = await open();
    const { id } = await insertedAs(under.store, 'running');
    const answers = await Promise.all([under.store.transition(id, CHANGES.completed), under.openAgain().transition(id, CHANGES.killed)]);
    const [winner, ...others] = answers.filter((answer) => answer !== undefined);
    expect(others).toEqual([]);
    expect(await under.store.find(SCOPE, id)).toEqual(winner);
  });

  it('changes no other process', async () => {
    await using under = await open();
    const [one, other] = [await insertedAs(under.store, 'queued'), await insertedAs(under.store, 'queued')];
    await under.store.transition(one.id, CHANGES.killed);
    expect(await under.store.find(SCOPE, other.id)).toEqual(other);
  });
}

function causes(open: OpenProcessStore): void {
  it('keeps the first cause, on disk, and answers it to whoever comes later', async () => {
    await using under = await open();
    const { id } = await insertedAs(under.store, 'running');
    expect(await under.store.recordCause(id, 'timeout')).toBe('timeout');
    expect(await under.openAgain().recordCause(id, 'kill')).toBe('timeout');
    expect(await under.openAgain().find(SCOPE, id)).toMatchObject({ cause: 'timeout', status: 'running' });
  });

  it('keeps the cause when the process ends', async () => {
    await using under = await open();
    const { id } = await insertedAs(under.store, 'queued');
    await under.store.recordCause(id, 'kill');
    expect(await under.store.transition(id, CHANGES.killed)).toMatchObject({ status: 'killed', cause: 'kill' });
  });

  it.each(['completed', 'failed', 'killed'] as const)('takes no cause for a process that is %s', async (status) => {
    await using under = await open();
    const record = await insertedAs(under.store, status);
    expect(await under.store.recordCause(record.id, 'kill')).toBeUndefined();
    expect(await under.store.find(SCOPE, record.id)).toEqual(record);
  });
}

const OTHER_SCOPES: readonly Scope[] = [
  { tenant: 'globex', sandbox: 'default' },
  { tenant: 'acme', sandbox: 'other' },
  { tenant: 'ACME', sandbox: 'default' },
  { tenant: 'acme%', sandbox: '%' },
  { tenant: 'default', sandbox: 'acme' },
];

function scopes(open: OpenProcessStore): void {
  it.each(OTHER_SCOPES)('shows nothing of acme/default to $tenant/$sandbox', async (scope) => {
    await using under = await open();
    const mine = await insertedAs(under.store, 'running');
    const [theirs] = await insertMany(under.store, 1, { scope });
    expect(await under.store.find(scope, mine.id)).toBeUndefined();
    expect(idsOf((await under.store.list(scope, { limit: 1000 })).records)).toEqual([theirs]);
    expect(idsOf((await under.store.list(SCOPE, { limit: 1000 })).records)).toEqual([mine.id]);
  });

  it('shows nothing of another scope to one that uses its cursor', async () => {
    await using under = await open();
    await insertMany(under.store, 3);
    const { nextCursor } = await under.store.list(SCOPE, { limit: 1 });
    const stolen = await under.store.list({ tenant: 'globex', sandbox: 'default' }, { limit: 10, cursor: nextCursor ?? '' });
    expect(stolen).toEqual({ records: [], nextCursor: null });
  });
}

async function allPages(store: ProcessStore, limit: number, between: () => Promise<unknown> = async () => undefined): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; await between()) {
    const page = await store.list(SCOPE, { limit, cursor });
    pages.push(idsOf(page.records));
    cursor = page.nextCursor;
  }
  return pages;
}

function pages(open: OpenProcessStore): void {
  it('lists newest first, by the order of insertion and not by the clock', async () => {
    await using under = await open();
    const old = newRecord({ acceptedAt: 2_000 });
    const young = newRecord({ acceptedAt: 1_000 });
    for (const record of [old, young]) await under.store.insert(record, SOURCE);
    expect((await under.store.list(SCOPE, { limit: 10 })).records).toEqual([young, old]);
  });

  it.each([
    [6, 3, [3, 3]],
    [7, 3, [3, 3, 1]],
    [2, 3, [2]],
    [3, 1, [1, 1, 1]],
    [0, 1000, [0]],
  ])('cuts %d processes into pages of %d: %j', async (count, limit, sizes) => {
    await using under = await open();
    const ids = await insertMany(under.store, count);
    const found = await allPages(under.store, limit);
    expect(found.map((page) => page.length)).toEqual(sizes);
    expect(found.flat()).toEqual(ids.toReversed());
  });

  it('shows each process of the first page’s time exactly once while others are added and end', async () => {
    await using under = await open();
    const ids = await insertMany(under.store, 10);
    const found = await allPages(under.store, 3, async () => {
      await insertMany(under.store, 2);
      await under.store.transition(ids[4] ?? '', CHANGES.killed);
    });
    expect(found.flat()).toEqual(ids.toReversed());
  });

  it.each(['', 'x', '-1', '1.5', '1e3', ' 1', '9'.repeat(40), "1' OR 1=1 --", '１'])('refuses the cursor %j', async (cursor) => {
    await using under = await open();
    await expect(under.store.list(SCOPE, { limit: 10, cursor })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
}

function aliveLists(open: OpenProcessStore): void {
  it('gives queued and running processes of all scopes, oldest first, and none that has ended', async () => {
    await using under = await open();
    const first = await insertedAs(under.store, 'queued');
    const second = await insertedAs(under.store, 'running');
    const [third] = await insertMany(under.store, 1, { scope: { tenant: 'globex', sandbox: 'x' } });
    const fourth = await insertedAs(under.store, 'running');
    for (const status of ['completed', 'failed', 'killed'] as const) await insertedAs(under.store, status);
    expect(idsOf(await under.store.queued())).toEqual([first.id, third]);
    expect(idsOf(await under.openAgain().running())).toEqual([second.id, fourth.id]);
    await under.store.transition(first.id, TO_RUNNING);
    expect(idsOf(await under.store.queued())).toEqual([third]);
    expect(idsOf(await under.store.running())).toEqual([first.id, second.id, fourth.id]);
  });
}
