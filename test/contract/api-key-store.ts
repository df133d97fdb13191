import { describe, expect, it } from 'vitest';
import { type ApiKeyStore, hashOfApiKey, newApiKey } from '../../src/tenancy/api-keys.ts';

/** A store that is empty, and gone when its scope ends. */
export interface ApiKeyStoreUnderTest extends AsyncDisposable {
  readonly store: ApiKeyStore;
  /** Another handle on the same data. */
  openAgain(): ApiKeyStore;
}

const wish = (tenant: string, name: string | null = null) => newApiKey({ tenant, name, scopes: ['processes:read', 'sandboxes'] });

export function apiKeyStoreContract(name: string, open: () => Promise<ApiKeyStoreUnderTest>): void {
  describe(`${name} as an API key store`, () => {
    it('finds a key by the hash of its secret, on any handle at once', async () => {
      await using under = await open();
      const { key, secret, hash } = wish('acme', 'ci');
      const other = under.openAgain();
      expect(await other.findValid(hash)).toBeUndefined();
      await under.store.add(key, hash);
      expect(await other.findValid(hashOfApiKey(secret))).toEqual(key);
      expect(await other.findValid(secret)).toBeUndefined();
      expect(await other.findValid(hash.toLowerCase())).toBeUndefined();
    });

    it('refuses a revoked key on any handle at once, and for good', async () => {
      await using under = await open();
      const { key, hash } = wish('acme');
      await under.store.add(key, hash);
      const revoked = await under.openAgain().revoke(key.id);
      expect(revoked).toMatchObject({ id: key.id, tenant: 'acme', revokedAt: expect.any(Number) });
      expect(await under.store.findValid(hash)).toBeUndefined();
      expect(await under.store.revoke(key.id)).toEqual(revoked);
      expect(await under.store.revoke('key_nothing')).toBeUndefined();
    });

    it('lists them oldest first, of one tenant or of all, revoked ones too', async () => {
      await using under = await open();
      const keys = [wish('acme', 'a'), wish('globex', 'b'), wish('acme', 'c')];
      for (const { key, hash } of keys) await under.store.add(key, hash);
      await under.store.revoke(keys[0]?.key.id ?? '');
      expect((await under.store.list()).map(({ name: text }) => text)).toEqual(['a', 'b', 'c']);
      expect((await under.store.list('acme')).map(({ name: text, revokedAt }) => [text, revokedAt !== null])).toEqual([
        ['a', true],
        ['c', false],
      ]);
      expect(await under.store.list('nobody')).toEqual([]);
    });

    it('keeps nothing from which the secret could be told', async () => {
      await using under = await open();
      const { key, secret, hash } = wish('acme');
      await under.store.add(key, hash);
      expect(JSON.stringify(await under.store.list())).not.toContain(secret.slice(4, 20));
    });
  });
}
