import type { DatabaseSync } from 'node:sqlite';
import { type Accepted, type IdempotencyKey, KEY_LIFE_MS, type Repeat } from '../../process/process-store.ts';
import type { ProcessRecord } from '../../process/record.ts';

export interface IdempotencyKeys {
  find(tenant: string, key: string): Repeat | undefined;
  /** Inside the transaction that inserts the record. */
  remember(key: IdempotencyKey, record: ProcessRecord): void;
}

export function createIdempotencyKeys(database: DatabaseSync): IdempotencyKeys {
  const find = database.prepare('SELECT * FROM idempotency_keys WHERE tenant = ? AND key = ? AND accepted_at > ?');
  const insert = database.prepare(
    'INSERT OR REPLACE INTO idempotency_keys (tenant, key, fingerprint, process_id, execution_id, name, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  return {
    find(tenant, key) {
      const row = find.get(tenant, key, Date.now() - KEY_LIFE_MS);
      if (!row) return undefined;
      const name = row['name'] === null ? null : String(row['name']);
      const accepted: Accepted = { id: String(row['process_id']), executionId: String(row['execution_id']), name, acceptedAt: Number(row['accepted_at']) };
      return { fingerprint: String(row['fingerprint']), accepted };
    },
    remember({ key, fingerprint }, { id, executionId, name, scope, acceptedAt }) {
      insert.run(scope.tenant, key, fingerprint, id, executionId, name, acceptedAt);
    },
  };
}
