import { describe, expect, it } from 'vitest';
import { SANDBOX_UIDS, type SandboxStore } from '../../src/sandbox/sandbox.ts';
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
  });
}
