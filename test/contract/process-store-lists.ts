import { expect, it } from 'vitest';
import type { ProcessStore } from '../../src/process/process-store.ts';
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
