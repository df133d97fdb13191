import { expect, test } from 'vitest';
import { apiKeyVerifier } from '../../../../src/http/auth/api-keys.ts';
import { createSqliteApiKeyStore } from '../../../../src/store/sqlite/api-key-store.ts';
import { newApiKey } from '../../../../src/tenancy/api-keys.ts';
import { testDatabase } from '../../../support/sqlite.ts';

async function open() {
  const test = await testDatabase();
  const keys = createSqliteApiKeyStore(test.database);
  const { key, secret, hash } = newApiKey({ tenant: 'acme', name: 'ci', scopes: ['files', 'sandboxes'] });
  await keys.add(key, hash);
  return { keys, key, secret, verify: apiKeyVerifier(keys), [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

test('a key stands for its tenant with its scopes, in the default sandbox', async () => {
  await using opened = await open();
  expect(await opened.verify(opened.secret)).toEqual({
    tenant: 'acme',
    sandbox: 'default',
    scopes: new Set(['files', 'sandboxes']),
    subject: opened.key.id,
    credential: 'api_key',
  });
});

test('a revoked key and one that is none are refused alike, and a token is left to others', async () => {
  await using opened = await open();
  await opened.keys.revoke(opened.key.id);
  const refusals = await Promise.all([opened.secret, 'crk_', `${opened.secret}x`].map((secret) => opened.verify(secret).catch(({ wire }) => wire)));
  expect(refusals[0]).toMatchObject({ status: 401, code: 'INVALID_TOKEN' });
  expect(new Set(refusals.map((wire) => JSON.stringify(wire))).size).toBe(1);
  expect(await opened.verify('eyJ.e30.x')).toBeUndefined();
});
