import { expect, test } from 'vitest';
import { hashOfApiKey, isApiKey, newApiKey } from '../../../src/tenancy/api-keys.ts';

const make = () => newApiKey({ tenant: 'acme', name: null, scopes: ['files'] });

test('a key is long, its own, and told from a token at a glance', () => {
  const { key, secret, hash } = make();
  expect(secret).toMatch(/^crk_[\w-]{43}$/);
  expect(isApiKey(secret)).toBe(true);
  expect(isApiKey('eyJhbGciOiJIUzI1NiJ9.e30.x')).toBe(false);
  expect(hash).toBe(hashOfApiKey(secret));
  expect(new Set([make(), make(), { key, secret }].flatMap((made) => [made.key.id, made.secret])).size).toBe(6);
});

test('neither the key nor its hash holds the secret', () => {
  const { key, secret, hash } = make();
  expect(JSON.stringify({ key, hash })).not.toContain(secret.slice(4));
});
