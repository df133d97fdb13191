import { describe, expect, it } from 'vitest';
import { ON_FIRST_USE, SANDBOX_UIDS, type SandboxStore, type SandboxWish } from '../../src/sandbox/sandbox.ts';
import { SCOPE } from '../support/records.ts';

/** A store that is empty, and gone when its scope ends. */
export interface SandboxStoreUnderTest extends AsyncDisposable {
  readonly store: SandboxStore;
  /** Another handle on the same data. */
  openAgain(): SandboxStore;
  /** Gives the user ids of a range, both ends included, to sandboxes of the tenant "crowd", by a faster way than one `ensure` for each. */
  crowd(first: number, last: number): void;
}

export type OpenSandboxStore = () => Promise<SandboxStoreUnderTest>;

const WISH: SandboxWish = {
  template: 'python',
  region: 'moon',
  env: { A: '1', constructor: '€\n' },
  internetAccess: true,
  limits: { memoryBytes: 2 ** 26, cpus: 0.5 },
  timeoutSeconds: 60,
};

export function sandboxStoreContract(name: string, open: OpenSandboxStore): void {
  describe(`${name} as a sandbox store`, () => {
    it('makes a scope’s sandbox once and finds it ever after, on any handle', async () => {
      await using under = await open();
      const made = await under.store.ensure(SCOPE);
      expect(made.scope).toEqual(SCOPE);
      expect(made.id).toMatch(/^[\w-]+$/);
      expect(await under.store.ensure(SCOPE)).toEqual(made);
      expect(await under.openAgain().ensure(SCOPE)).toEqual(made);
    });

    it('answers one sandbox to all who ask at once', async () => {
      await using under = await open();
      const other = under.openAgain();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? other : under.store).ensure(SCOPE)));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    });

    it('gives every scope an id and a user id of its own, within the range', async () => {
      await using under = await open();
      const scopes = ['acme', 'globex', 'ACME'].flatMap((tenant) => ['default', 'other', 'acme'].map((sandbox) => ({ tenant, sandbox })));
      const sandboxes = await Promise.all(scopes.map((scope) => under.store.ensure(scope)));
      expect(new Set(sandboxes.map(({ id }) => id)).size).toBe(scopes.length);
      expect(new Set(sandboxes.map(({ uid }) => uid)).size).toBe(scopes.length);
      for (const { uid } of sandboxes) expect(uid >= SANDBOX_UIDS.first && uid <= SANDBOX_UIDS.last).toBe(true);
    });

    it('takes the one user id that is left, wherever it is, and then says that there is none', async () => {
      await using under = await open();
      const left = SANDBOX_UIDS.first + 1_234;
      under.crowd(SANDBOX_UIDS.first, left - 1);
      under.crowd(left + 1, SANDBOX_UIDS.last);
      const last = await under.store.ensure(SCOPE);
      expect(last.uid).toBe(left);
      await expect(under.store.ensure({ tenant: 'late', sandbox: 'default' })).rejects.toMatchObject({ code: 'SANDBOXES_EXHAUSTED' });
      expect(await under.store.ensure(SCOPE)).toEqual(last);
    });

    it('gives a tenant no more than it may have, and finds those that it has', async () => {
      await using under = await open();
      const first = await under.store.ensure(SCOPE, 2);
      const second = await under.store.create('acme', WISH, 2);
      const full = { code: 'TENANT_LIMIT' };
      await expect(under.store.create('acme', WISH, 2)).rejects.toMatchObject(full);
      await expect(under.store.ensure({ tenant: 'acme', sandbox: 'third' }, 2)).rejects.toMatchObject(full);
      expect(await under.store.ensure(SCOPE, 1)).toEqual(first);
      expect([await under.store.count('acme'), await under.store.count('globex')]).toEqual([2, 0]);
      await under.store.create('globex', WISH, 1);
      await under.store.discard('acme', second.id);
      expect(await under.store.count('acme')).toBe(1);
      await under.store.create('acme', WISH, 2);
    });

    it('makes one as it is wished for, named by its id, and finds it by that for its tenant only', async () => {
      await using under = await open();
      const made = await under.store.create('acme', WISH);
      expect(made).toMatchObject({ ...WISH, scope: { tenant: 'acme', sandbox: made.id }, pausedAt: null, expiresAt: made.createdAt + 60_000 });
      expect(await under.openAgain().find('acme', made.id)).toEqual(made);
      expect(await under.store.ensure(made.scope)).toEqual(made);
      expect(await under.store.find('globex', made.id)).toBeUndefined();
      expect(await under.store.create('acme', { ...WISH, timeoutSeconds: null, limits: {} })).toMatchObject({ expiresAt: null, limits: {} });
    });

    it('finds one made on first use by its name and by its id', async () => {
      await using under = await open();
      expect(await under.store.find('acme', 'default')).toBeUndefined();
      const made = await under.store.ensure(SCOPE);
      expect(made).toMatchObject(ON_FIRST_USE);
      expect(await under.store.find('acme', 'default')).toEqual(made);
      expect(await under.store.find('acme', made.id)).toEqual(made);
    });

    it('lists the newest first, in pages that stay as they are while others are added', async () => {
      await using under = await open();
      const made = [];
      for (let count = 0; count < 5; count += 1) made.unshift(await under.store.create('acme', WISH));
      await under.store.create('globex', WISH);
      const sorted = made.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
      const first = await under.store.list('acme', { limit: 3 });
      const late = await under.store.create('acme', { ...WISH, region: 'earth' });
      const second = await under.store.list('acme', { limit: 3, cursor: first.nextCursor ?? '' });
      const both = [...first.sandboxes, ...second.sandboxes].filter(({ id }) => id !== late.id);
      expect(both).toEqual(sorted);
      expect(second.nextCursor).toBeNull();
      await expect(under.store.list('acme', { limit: 3, cursor: "1.sbx_' OR 1" })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    });

    it('lists those of a status and region only, when asked to', async () => {
      await using under = await open();
      const running = await under.store.create('acme', WISH);
      const { id } = await under.store.create('acme', { ...WISH, region: 'earth' });
      const paused = await under.store.update('acme', id, () => ({ pausedAt: 5 }));
      expect((await under.store.list('acme', { limit: 9, status: 'running' })).sandboxes).toEqual([running]);
      expect((await under.store.list('acme', { limit: 9, status: 'paused' })).sandboxes).toEqual([paused]);
      expect((await under.store.list('acme', { limit: 9, region: 'moon' })).sandboxes).toEqual([running]);
      expect((await under.store.list('acme', { limit: 9, region: 'moon', status: 'paused' })).sandboxes).toEqual([]);
    });
  });
}
