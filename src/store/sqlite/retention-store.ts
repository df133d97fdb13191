import type { DatabaseSync } from 'node:sqlite';
import { KEY_LIFE_MS } from '../../process/process-store.ts';
import type { RetentionStore } from '../../process/retention-store.ts';
import { inTransaction } from './database.ts';

/** Too old, too many in its sandbox, or beyond the byte budget counted from the newest. */
const EXPIRED = `
  WITH ended AS (
    SELECT id, seq, ended_at,
      ROW_NUMBER() OVER (PARTITION BY tenant, sandbox ORDER BY seq DESC) AS place,
      SUM(stored_bytes) OVER (ORDER BY ended_at DESC, seq DESC) AS bytes
    FROM processes WHERE ended_at IS NOT NULL
  )
  SELECT id FROM ended WHERE ended_at < ? OR place > ? OR bytes > ? ORDER BY ended_at, seq LIMIT ?`;

export function createSqliteRetentionStore(database: DatabaseSync): RetentionStore {
  const expired = database.prepare(EXPIRED);
  const remove = database.prepare('DELETE FROM processes WHERE id = ? AND ended_at IS NOT NULL');
  const find = database.prepare('SELECT 1 FROM processes WHERE id = ?');
  const any = database.prepare('SELECT 1 FROM processes LIMIT 1');
  const forgetKeys = database.prepare('DELETE FROM idempotency_keys WHERE accepted_at <= ?');
  return {
    expired: async ({ endedBefore, mostPerSandbox, mostBytes }, limit) =>
      expired.all(endedBefore, mostPerSandbox, mostBytes, limit).map(({ id }) => String(id)),
    remove: async (ids) => inTransaction(database, () => ids.filter((id) => Number(remove.run(id).changes) > 0)),
    unknown: async (ids) => ids.filter((id) => !find.get(id)),
    async forgetKeys() {
      forgetKeys.run(Date.now() - KEY_LIFE_MS);
    },
    isEmpty: async () => any.get() === undefined,
  };
}
