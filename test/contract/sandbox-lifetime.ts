import { describe, expect, it } from 'vitest';
import { livingFor, pausing } from '../../src/sandbox/lifetime.ts';
import { ON_FIRST_USE, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { SCOPE } from '../support/records.ts';
import type { OpenSandboxStore } from './sandbox-store.ts';

const idsOf = (sandboxes: readonly Sandbox[]) => sandboxes.map(({ id }) => id);

export function sandboxLifetimeContract(name: string, open: OpenSandboxStore): void {
  describe(`${name} as a sandbox store: changes and ends`, () => {
    it('changes one according to what it is, on disk at once, and for nobody else', async () => {
      await using under = await open();
      const { id } = await under.store.create('acme', ON_FIRST_USE);
      const changed = await under.store.update('acme', id, ({ env }) => ({ env: { ...env, A: '1' }, pausedAt: 5 }));
      expect(changed).toMatchObject({ env: { ...ON_FIRST_USE.env, A: '1' }, pausedAt: 5 });
      expect(await under.openAgain().find('acme', id)).toEqual(changed);
      expect(await under.store.update('globex', id, () => ({ env: {} }))).toBeUndefined();
      expect(await under.store.find('acme', id)).toEqual(changed);
    });

    it('changes nothing when the change throws', async () => {
      await using under = await open();
      const made = await under.store.create('acme', ON_FIRST_USE);
      const change = under.store.update('acme', made.id, () => {
        throw new Error('no');
      });
      await expect(change).rejects.toThrow('no');
      expect(await under.store.find('acme', made.id)).toEqual(made);
    });

    it('loses no change of those that come at once', async () => {
      await using under = await open();
      const { id } = await under.store.create('acme', ON_FIRST_USE);
      const handles = [under.store, under.openAgain()];
      const names = Array.from({ length: 20 }, (_, index) => `V${index}`);
      await Promise.all(names.map((key, index) => handles[index % 2]?.update('acme', id, ({ env }) => ({ env: { ...env, [key]: 'x' } }))));
      expect(Object.keys((await under.store.find('acme', id))?.env ?? {})).toEqual(expect.arrayContaining(names));
    });

    it('says whose life is over, but of none that is paused or discarded', async () => {
      await using under = await open();
      const [over, alive, paused, discarded] = await Promise.all(
        [1, 60, 1, 1].map((timeoutSeconds) => under.store.create('acme', { ...ON_FIRST_USE, timeoutSeconds })),
      );
      await under.store.create('acme', ON_FIRST_USE);
      await under.store.update('acme', paused?.id ?? '', pausing(Date.now()));
      await under.store.discard('acme', discarded?.id ?? '');
      expect(await under.store.expired(over?.expiresAt ?? 0)).toEqual([over]);
      expect(await under.store.expired((over?.expiresAt ?? 0) - 1)).toEqual([]);
      await under.store.update('acme', over?.id ?? '', livingFor(3600, Date.now()));
      expect(idsOf(await under.store.expired(Date.now() + 60_000))).toEqual([alive?.id]);
    });

    it('says which are paused, but of none that is discarded', async () => {
      await using under = await open();
      const [paused, discarded] = [await under.store.create('acme', ON_FIRST_USE), await under.store.create('globex', ON_FIRST_USE)];
      await under.store.create('acme', ON_FIRST_USE);
      const pauses = [{ from: 1, to: 2 }];
      for (const { scope, id } of [paused, discarded]) await under.store.update(scope.tenant, id, () => ({ pausedAt: 5, pauses }));
      await under.store.discard('globex', discarded.id);
      expect(await under.openAgain().paused()).toEqual([{ ...paused, pausedAt: 5, pauses }]);
    });

    it('discards once: then no tenant finds it, and nothing is made in its place until it is forgotten', async () => {
      await using under = await open();
      const made = await under.store.ensure(SCOPE);
      expect(await under.store.discard('globex', made.id)).toBeUndefined();
      const both = await Promise.all([under.store.discard('acme', made.id), under.openAgain().discard('acme', SCOPE.sandbox)]);
      expect(both.filter(Boolean)).toEqual([made]);
      expect(await under.store.find('acme', made.id)).toBeUndefined();
      expect(await under.store.update('acme', made.id, () => ({ env: {} }))).toBeUndefined();
      expect((await under.store.list('acme', { limit: 10 })).sandboxes).toEqual([]);
      await expect(under.store.ensure(SCOPE)).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
      expect((await under.store.create('acme', ON_FIRST_USE)).uid).not.toBe(made.uid);
      expect(await under.store.unknown([made.id])).toEqual([]);
      expect(idsOf(await under.openAgain().discarded())).toEqual([made.id]);
    });

    it('makes a forgotten one anew under its name, with another id; but never one whose name is an id', async () => {
      await using under = await open();
      const made = await under.store.ensure(SCOPE);
      await under.store.forget(made.id);
      expect(await under.store.find('acme', made.id)).toEqual(made);
      const named = await under.store.create('acme', ON_FIRST_USE);
      for (const { id } of [made, named]) {
        await under.store.discard('acme', id);
        await under.store.forget(id);
        await under.store.forget(id);
      }
      expect(await under.store.unknown([made.id, named.id])).toEqual([made.id, named.id]);
      expect((await under.store.ensure(SCOPE)).id).not.toBe(made.id);
      await expect(under.store.ensure(named.scope)).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
      expect(await under.store.discarded()).toEqual([]);
    });
  });
}
