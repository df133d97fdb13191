import type { DatabaseSync } from 'node:sqlite';
import type { ApiKey, ApiKeyStore } from '../../tenancy/api-keys.ts';
import { TOKEN_SCOPES } from '../../tenancy/caller.ts';
import { commit } from './commit.ts';
import { numberOrNull, type Row, text, textOrNull } from './process-rows.ts';

export function createSqliteApiKeyStore(database: DatabaseSync): ApiKeyStore {
  const insert = database.prepare('INSERT INTO api_keys (id, hash, tenant, name, scopes, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const findValid = database.prepare('SELECT * FROM api_keys WHERE hash = ? AND revoked_at IS NULL');
  const all = database.prepare('SELECT * FROM api_keys ORDER BY created_at, rowid');
  const ofTenant = database.prepare('SELECT * FROM api_keys WHERE tenant = ? ORDER BY created_at, rowid');
  const revoke = database.prepare('UPDATE api_keys SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ? RETURNING *');
  return {
    async add({ id, tenant, name, scopes, createdAt, revokedAt }, hash) {
      await commit(database, () => insert.run(id, hash, tenant, name, scopes.join(' '), createdAt, revokedAt));
    },
    async findValid(hash) {
      const row = findValid.get(hash);
      return row && fromRow(row);
    },
    list: async (tenant) => (tenant === undefined ? all.all() : ofTenant.all(tenant)).map(fromRow),
    async revoke(id) {
      const [row] = await commit(database, () => revoke.all(Date.now(), id));
      return row && fromRow(row);
    },
  };
}

function fromRow(row: Row): ApiKey {
  const names = text(row['scopes']).split(' ');
  return {
    id: text(row['id']),
    tenant: text(row['tenant']),
    name: textOrNull(row['name']),
    scopes: TOKEN_SCOPES.filter((scope) => names.includes(scope)),
    createdAt: Number(row['created_at']),
    revokedAt: numberOrNull(row['revoked_at']),
  };
}
