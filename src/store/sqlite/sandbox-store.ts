import type { DatabaseSync } from 'node:sqlite';
import { CoracleError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { SANDBOX_UIDS, type Sandbox, type SandboxStore } from '../../sandbox/sandbox.ts';
import { inTransaction } from './database.ts';

/** A user id is free again when its sandbox is gone; the lowest free one is taken. */
const LOWEST_FREE_UID = `
  SELECT MIN(candidate) AS uid FROM (
    SELECT ${SANDBOX_UIDS.first} AS candidate
    UNION ALL SELECT uid + 1 FROM sandboxes
  ) WHERE candidate <= ${SANDBOX_UIDS.last} AND candidate NOT IN (SELECT uid FROM sandboxes)`;

export function createSqliteSandboxStore(database: DatabaseSync): SandboxStore {
  const find = database.prepare('SELECT id, uid FROM sandboxes WHERE tenant = ? AND name = ?');
  const insert = database.prepare('INSERT INTO sandboxes (id, tenant, name, uid, created_at) VALUES (?, ?, ?, ?, ?)');
  const lowestFreeUid = database.prepare(LOWEST_FREE_UID);

  function create(tenant: string, name: string): { id: string; uid: number } {
    const uid = lowestFreeUid.get()?.['uid'];
    if (typeof uid !== 'number')
      throw new CoracleError('SANDBOXES_EXHAUSTED', 'This server has no user id left for another sandbox. Delete sandboxes that are not needed.');
    const sandbox = { id: newId('sbx'), uid };
    insert.run(sandbox.id, tenant, name, uid, Date.now());
    return sandbox;
  }

  const byId = database.prepare('SELECT 1 FROM sandboxes WHERE id = ?');
  return {
    unknown: async (ids) => ids.filter((id) => !byId.get(id)),
    async ensure(scope): Promise<Sandbox> {
      const row = find.get(scope.tenant, scope.sandbox);
      if (row) return { scope, id: String(row['id']), uid: Number(row['uid']) };
      return { scope, ...inTransaction(database, () => create(scope.tenant, scope.sandbox)) };
    },
  };
}
