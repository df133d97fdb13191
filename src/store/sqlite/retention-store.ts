import type { DatabaseSync } from 'node:sqlite';
import { KEY_LIFE_MS } from '../../process/process-store.ts';
import type { RetentionPolicy, RetentionStore } from '../../process/retention-store.ts';
import { commit } from './commit.ts';
import type { Row } from './process-rows.ts';

export function createSqliteRetentionStore(database: DatabaseSync): RetentionStore {
  const expired = createExpired(database);
  const remove = database.prepare('DELETE FROM processes WHERE id = ? AND ended_at IS NOT NULL');
  const find = database.prepare('SELECT 1 FROM processes WHERE id = ?');
  const any = database.prepare('SELECT 1 FROM processes LIMIT 1');
  const bytesOf = database.prepare('SELECT TOTAL(stored_bytes) AS bytes FROM processes WHERE tenant = ? AND ended_at IS NOT NULL');
  const forgetKeys = database.prepare('DELETE FROM idempotency_keys WHERE accepted_at <= ?');
  return {
    expired: async (policy, limit) => expired(policy, limit),
    remove: async (ids) => commit(database, () => ids.filter((id) => Number(remove.run(id).changes) > 0)),
    unknown: async (ids) => ids.filter((id) => !find.get(id)),
    async forgetKeys() {
      await commit(database, () => forgetKeys.run(Date.now() - KEY_LIFE_MS));
    },
    bytesOf: async (tenant) => Number(bytesOf.get(tenant)?.['bytes']),
    isEmpty: async () => any.get() === undefined,
  };
}

/**
 * Asked often and over everything, so each question is answered from an index alone. Too old come first, then too many of a sandbox, then, when that is not
 * enough, the oldest until the bytes fit; together they are put in the order of their ends.
 */
function createExpired(database: DatabaseSync): (policy: RetentionPolicy, limit: number) => string[] {
  const old = database.prepare('SELECT id, ended_at, seq FROM processes WHERE ended_at < ? ORDER BY ended_at, seq LIMIT ?');
  const crowded = database.prepare(
    'SELECT tenant, sandbox, COUNT(*) - ? AS surplus FROM processes WHERE ended_at IS NOT NULL GROUP BY tenant, sandbox HAVING surplus > 0 LIMIT ?',
  );
  const oldestOf = database.prepare('SELECT id, ended_at, seq FROM processes WHERE tenant = ? AND sandbox = ? AND ended_at IS NOT NULL ORDER BY seq LIMIT ?');
  const bytes = database.prepare('SELECT TOTAL(stored_bytes) AS bytes FROM processes WHERE ended_at IS NOT NULL');
  const oldest = database.prepare('SELECT id, ended_at, seq, stored_bytes FROM processes WHERE ended_at IS NOT NULL ORDER BY ended_at, seq LIMIT ?');

  const bytesByTenant = database.prepare('SELECT tenant, TOTAL(stored_bytes) AS bytes FROM processes WHERE ended_at IS NOT NULL GROUP BY tenant');
  const oldestOfTenant = database.prepare(
    'SELECT id, ended_at, seq, stored_bytes FROM processes WHERE tenant = ? AND ended_at IS NOT NULL ORDER BY ended_at, seq LIMIT ?',
  );

  function tooMany(most: number, limit: number): Row[] {
    return crowded.all(most, limit).flatMap((row) => oldestOf.all(String(row['tenant']), String(row['sandbox']), Math.min(limit, Number(row['surplus']))));
  }

  function tooLarge(most: number, limit: number): Row[] {
    const surplus = Number(bytes.get()?.['bytes']) - most;
    return surplus <= 0 ? [] : until(surplus, oldest.all(limit));
  }

  function tooLargeOf(mostBytesOf: RetentionPolicy['mostBytesOf'], limit: number): Row[] {
    return bytesByTenant.all().flatMap((row) => {
      const surplus = Number(row['bytes']) - mostBytesOf(String(row['tenant']));
      return surplus <= 0 ? [] : until(surplus, oldestOfTenant.all(String(row['tenant']), limit));
    });
  }

  return ({ endedBefore, mostPerSandbox, mostBytes, mostBytesOf }, limit) => {
    const tooMuch = [...tooLarge(mostBytes, limit), ...tooLargeOf(mostBytesOf, limit)];
    const rows = [...old.all(endedBefore, limit), ...tooMany(mostPerSandbox, limit), ...tooMuch];
    rows.sort((a, b) => Number(a['ended_at']) - Number(b['ended_at']) || Number(a['seq']) - Number(b['seq']));
    return [...new Set(rows.map((row) => String(row['id'])))].slice(0, limit);
  };
}

/** The first so many rows whose bytes are at least the surplus. */
function until(surplus: number, rows: Row[]): Row[] {
  let left = surplus;
  return rows.filter((row) => {
    const isNeeded = left > 0;
    left -= Number(row['stored_bytes']);
    return isNeeded;
  });
}
