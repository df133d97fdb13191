import { describe, expect, it } from 'vitest';
import type { ProcessStore } from '../../src/process/process-store.ts';
import type { RetentionStore } from '../../src/process/retention-store.ts';
import type { StatusLog } from '../../src/process/status-log.ts';
import { newRecord, SCOPE, SOURCE } from '../support/records.ts';
import { CHANGES, insertedAs, insertMany } from './process-store-harness.ts';

export interface StatusLogUnderTest extends AsyncDisposable {
  readonly log: StatusLog;
  readonly store: ProcessStore;
  readonly retention: RetentionStore;
}

const all = async (log: StatusLog) => (await log.after(SCOPE, 0, 1000)).map(({ record }) => [record.id, record.status]);

export function statusLogContract(name: string, open: () => Promise<StatusLogUnderTest>): void {
  describe(`${name} as a status log`, () => {
    it('has every change exactly once, in order, with the record as it was then', async () => {
      await using under = await open();
      const one = newRecord({ acceptedAt: 5 });
      await under.store.insert(one, SOURCE);
      const other = await insertedAs(under.store, 'queued');
      const running = await under.store.transition(one.id, CHANGES.running);
      await under.store.transition(one.id, CHANGES.running);
      await under.store.recordCause(one.id, 'kill');
      await under.store.transition(other.id, CHANGES.killed);
      const ended = await under.store.transition(one.id, CHANGES.killed);
      expect(await all(under.log)).toEqual([
        [one.id, 'queued'],
        [other.id, 'queued'],
        [one.id, 'running'],
        [other.id, 'killed'],
        [one.id, 'killed'],
      ]);
      const changes = (await under.log.after(SCOPE, 0, 1000)).filter(({ record }) => record.id === one.id);
      expect(changes.map(({ record }) => record)).toEqual([one, running, ended]);
    });

    it('goes on after a seq, in steps, and from the newest', async () => {
      await using under = await open();
      const ids = await insertMany(under.store, 7);
      const found: string[] = [];
      for (let seq = 0; ; ) {
        const changes = await under.log.after(SCOPE, seq, 3);
        if (changes.length === 0) break;
        expect(changes.length).toBeLessThanOrEqual(3);
        found.push(...changes.map(({ record }) => record.id));
        seq = changes.at(-1)?.seq ?? 0;
      }
      expect(found).toEqual(ids);
      const newest = await under.log.after(SCOPE, await under.log.beforeNewest(SCOPE, 2), 10);
      expect(newest.map(({ record }) => record.id)).toEqual(ids.slice(-2));
      expect(await under.log.beforeNewest(SCOPE, 100)).toBe(0);
    });

    it('shows a scope nothing of another', async () => {
      await using under = await open();
      await insertMany(under.store, 3);
      const [theirs] = await insertMany(under.store, 1, { scope: { tenant: 'globex', sandbox: 'default' } });
      const changes = await under.log.after({ tenant: 'globex', sandbox: 'default' }, 0, 10);
      expect(changes.map(({ record }) => record.id)).toEqual([theirs]);
      expect(await under.log.after({ tenant: 'acme', sandbox: 'other' }, 0, 10)).toEqual([]);
    });

    it('forgets what was removed, and never gives a seq again', async () => {
      await using under = await open();
      const gone = await insertedAs(under.store, 'completed');
      const last = (await under.log.after(SCOPE, 0, 10)).at(-1)?.seq ?? 0;
      await under.retention.remove([gone.id]);
      expect(await under.log.after(SCOPE, 0, 10)).toEqual([]);
      await insertMany(under.store, 1);
      expect((await under.log.after(SCOPE, last, 10)).length).toBe(1);
    });
  });
}
