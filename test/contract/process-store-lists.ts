import { expect, it } from 'vitest';
import type { PageRequest, ProcessStore } from '../../src/process/process-store.ts';
import { newRecord, SCOPE, SOURCE } from '../support/records.ts';
import { CHANGES, idsOf, insertedAs, insertMany, type OpenProcessStore, TO_RUNNING } from './process-store-harness.ts';

async function allPages(store: ProcessStore, limit: number, between: () => Promise<unknown> = async () => undefined): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; await between()) {
    const page = await store.list(SCOPE, { limit, cursor });
    pages.push(idsOf(page.records));
    cursor = page.nextCursor;
  }
  return pages;
}

export function pages(open: OpenProcessStore): void {
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

export function filters(open: OpenProcessStore): void {
  async function filled() {
    const under = await open();
    const [queued, running, killed] = [
      await insertedAs(under.store, 'queued'),
      await insertedAs(under.store, 'running'),
      await insertedAs(under.store, 'killed'),
    ];
    const named = newRecord({ name: 'nightly', language: 'go', acceptedAt: 1_700_000_000_500 });
    await under.store.insert(named, SOURCE);
    const names = new Map([queued, running, killed, named].map(({ id }, index) => [id, ['queued', 'running', 'killed', 'named'][index] ?? '']));
    const list = async (page: Partial<PageRequest>) => (await under.store.list(SCOPE, { limit: 10, ...page })).records.map(({ id }) => names.get(id));
    return { list, [Symbol.asyncDispose]: () => under[Symbol.asyncDispose]() };
  }

  it.each<[string, Partial<PageRequest>, string[]]>([
    ['nothing', {}, ['named', 'killed', 'running', 'queued']],
    ['the oldest first', { first: 'oldest' }, ['queued', 'running', 'killed', 'named']],
    ['one status', { statuses: ['running'] }, ['running']],
    ['several', { statuses: ['queued', 'killed'] }, ['named', 'killed', 'queued']],
    ['none of them', { statuses: [] }, []],
    ['a name', { name: 'nightly' }, ['named']],
    ['part of a name', { name: 'night%' }, []],
    ['a language', { language: 'python' }, ['killed', 'running', 'queued']],
    ['a time', { since: 1_700_000_000_500 }, ['named']],
    ['all at once', { name: 'nightly', language: 'go', statuses: ['queued'], since: 1, first: 'oldest' }, ['named']],
    ['all at once, of which one does not fit', { name: 'nightly', language: 'go', statuses: ['running'] }, []],
  ])('lists by %s', async (_title, page, expected) => {
    await using under = await filled();
    expect(await under.list(page)).toEqual(expected);
  });

  it.each(['newest', 'oldest'] as const)('walks what fits, %s first, from any of the cursors on', async (first) => {
    await using under = await open();
    const ids: string[] = [];
    for (let index = 0; index < 9; index += 1) ids.push(...(await insertMany(under.store, 1, { name: index % 3 ? 'a' : 'b' })));
    const wanted = ids.filter((_id, index) => index % 3);
    if (first === 'newest') wanted.reverse();
    const request = { name: 'a', first } as const;
    const { records, cursors } = await under.store.list(SCOPE, { ...request, limit: 10 });
    expect(idsOf(records)).toEqual(wanted);
    for (const [index, cursor] of cursors.entries()) {
      const rest = await under.store.list(SCOPE, { ...request, limit: 2, cursor });
      expect(idsOf(rest.records)).toEqual(wanted.slice(index + 1, index + 3));
      expect(rest.nextCursor === null).toBe(index + 3 >= wanted.length);
    }
  });
}

export function aliveLists(open: OpenProcessStore): void {
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
