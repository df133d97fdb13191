import { describe, expect, it } from 'vitest';
import type { Scope } from '../../src/process/record.ts';
import type { ProcessSource } from '../../src/process/source.ts';
import { STATUSES, TRANSITIONS } from '../../src/process/status.ts';
import { newRecord, SCOPE, SOURCE } from '../support/records.ts';
import { CHANGES, idsOf, insertedAs, insertMany, type OpenProcessStore, TO_RUNNING } from './process-store-harness.ts';
import { aliveLists, filters, pages } from './process-store-lists.ts';

export function processStoreContract(name: string, open: OpenProcessStore): void {
  describe(`${name} as a process store`, () => {
    insertion(open);
    transitions(open);
    causes(open);
    scopes(open);
    pages(open);
    filters(open);
    aliveLists(open);
  });
}

const MIB = 1024 * 1024;
const SOURCES: readonly (readonly [what: string, source: ProcessSource])[] = [
  ['every kind of character', { code: 'print("ä € 𝄞 \u202e \ufeff \r\n\t \u0001")', env: { GREETING: 'grüß dich 👋\nzwei' } }],
  ['1 MiB of code', { code: `# x ${'€'.repeat((MIB - 4) / 3)}`, env: {} }],
  [
    'arguments, files and input of any bytes',
    {
      code: 'x',
      env: {},
      args: ['', '--ä', '"'],
      files: [
        { path: '/workspace/ä', content: Buffer.from([0, 255, 10]) },
        { path: '/tmp/empty', content: Buffer.alloc(0) },
      ],
      stdin: { data: Buffer.from([0, 255, 10]), isClosed: false },
    },
  ],
  ['input that is empty and closed', { code: 'x', env: {}, stdin: { data: Buffer.alloc(0), isClosed: true } }],
  [
    'environment names that are odd',
    { code: 'x', env: { constructor: '1', 'a b': '2', 'ÄÖ.-': '3', '"; DROP TABLE processes': '4', 'line\nbreak': '', '0': '6' } },
  ],
  ['a command in place of code', { code: '', env: {}, command: ['printf', '%s', '', "a 'b' €"] }],
  ['the wish for a result', { code: 'x', env: {}, wantsResult: true }],
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

  it('starts one that is still being inserted', async () => {
    await using under = await open();
    const record = newRecord();
    const [, started] = await Promise.all([under.store.insert(record, SOURCE), under.store.transition(record.id, CHANGES.running)]);
    expect(started).toMatchObject({ id: record.id, status: 'running' });
    expect(await under.openAgain().find(SCOPE, record.id)).toEqual(started);
  });

  it('does not start one whose insertion it refuses at that time', async () => {
    await using under = await open();
    const env = {
      get UNREADABLE(): string {
        throw new Error('cannot be kept');
      },
    };
    const record = newRecord();
    const [inserted, started] = await Promise.allSettled([under.store.insert(record, { ...SOURCE, env }), under.store.transition(record.id, CHANGES.running)]);
    expect([inserted.status, started]).toEqual(['rejected', { status: 'fulfilled', value: undefined }]);
    expect(await under.openAgain().load(record.id)).toBeUndefined();
  });

  it('keeps no part of a process whose source cannot be kept', async () => {
    await using under = await open();
    const record = newRecord();
    const env = {
      get UNREADABLE(): string {
        throw new Error('cannot be read');
      },
    };
    await expect(under.store.insert(record, { code: 'x', env })).rejects.toThrow('cannot be read');
    expect(await under.store.find(SCOPE, record.id)).toBeUndefined();
    expect(await under.store.queued()).toEqual([]);
    await under.store.insert(record, SOURCE);
    expect(await under.store.load(record.id)).toEqual({ record, source: SOURCE });
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

  it('keeps the artifacts that a process has left beside what was asked for, and null when they were not fetched', async () => {
    await using under = await open();
    const patterns = ['/workspace/*'];
    const files = [{ path: '/workspace/ä', size: 2 ** 40, isKept: false }];
    for (const [told, kept] of [
      [files, files],
      [[], []],
      [null, null],
      [undefined, null],
    ] as const) {
      const record = newRecord({ artifacts: { patterns, files: null } });
      await under.store.insert(record, SOURCE);
      await under.store.transition(record.id, { ...CHANGES.completed, to: 'failed', ...(told === undefined ? {} : { artifacts: told }) });
      expect((await under.openAgain().find(SCOPE, record.id))?.artifacts).toEqual({ patterns, files: kept });
    }
    const { id } = await insertedAs(under.store, 'running');
    expect(await under.store.transition(id, { ...CHANGES.completed, artifacts: files })).toMatchObject({ artifacts: null });
  });

  it('lets one of two competing transitions win, and tells the other', async () => {
    await using under = await open();
    const { id } = await insertedAs(under.store, 'running');
    const answers = await Promise.all([under.store.transition(id, CHANGES.completed), under.openAgain().transition(id, CHANGES.killed)]);
    const [winner, ...others] = answers.filter((answer) => answer !== undefined);
    expect(others).toEqual([]);
    expect(await under.store.find(SCOPE, id)).toEqual(winner);
  });

  it('moves a running process to another container, once for each container that it was in', async () => {
    await using under = await open();
    const { id, ...record } = await insertedAs(under.store, 'running');
    const move = { from: record.containerId ?? '', to: 'another', startedAt: 1_700_000_001_500 };
    const moved = { id, ...record, containerId: 'another', startedAt: 1_700_000_001_500 };
    expect(await under.store.reassign(id, move)).toEqual(moved);
    expect(await under.store.reassign(id, { ...move, to: 'a third' })).toBeUndefined();
    expect(await under.openAgain().find(record.scope, id)).toEqual(moved);
  });

  it.each(['queued', 'completed', 'failed', 'killed'] as const)('moves no process that is %s', async (status) => {
    await using under = await open();
    const record = await insertedAs(under.store, status);
    expect(await under.store.reassign(record.id, { from: record.containerId ?? '', to: 'another', startedAt: 5 })).toBeUndefined();
    expect(await under.store.find(record.scope, record.id)).toEqual(record);
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
    expect(stolen).toEqual({ records: [], cursors: [], nextCursor: null });
  });
}
