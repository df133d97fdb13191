import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { CoracleError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Scope } from '../../process/record.ts';
import {
  isSandboxId,
  ON_FIRST_USE,
  type Sandbox,
  type SandboxPage,
  type SandboxPageRequest,
  type SandboxStore,
  type SandboxWish,
} from '../../sandbox/sandbox.ts';
import { commit } from './commit.ts';
import { fromSandboxRow, LOWEST_FREE_UID, SANDBOX_COLUMNS, toSandboxRow } from './sandbox-rows.ts';

const COUNT = 'SELECT COUNT(*) AS count FROM sandboxes WHERE tenant = ? AND discarded_at IS NULL';
const ALL = SANDBOX_COLUMNS.join(', ');

export function createSqliteSandboxStore(database: DatabaseSync): SandboxStore {
  const find = createFind(database);
  const create = createCreate(database);
  const count = database.prepare(COUNT);
  const taken = database.prepare('SELECT 1 FROM sandboxes WHERE tenant = ? AND name = ?');
  const byId = database.prepare('SELECT 1 FROM sandboxes WHERE id = ?');
  const change = database.prepare('UPDATE sandboxes SET env = ?, timeout_seconds = ?, expires_at = ?, paused_at = ?, pauses = ? WHERE id = ?');
  const discard = database.prepare('UPDATE sandboxes SET discarded_at = ? WHERE id = ?');
  const expired = database.prepare(`SELECT ${ALL} FROM sandboxes WHERE expires_at <= ? AND paused_at IS NULL AND discarded_at IS NULL ORDER BY expires_at`);
  const paused = database.prepare(`SELECT ${ALL} FROM sandboxes WHERE paused_at IS NOT NULL AND discarded_at IS NULL`);
  const discarded = database.prepare(`SELECT ${ALL} FROM sandboxes WHERE discarded_at IS NOT NULL ORDER BY discarded_at`);
  const forget = database.prepare('DELETE FROM sandboxes WHERE id = ? AND discarded_at IS NOT NULL');

  function make(scope: Scope, most?: number): Sandbox {
    const found = find(scope.tenant, scope.sandbox);
    if (found) return found;
    if (isSandboxId(scope.sandbox) || taken.get(scope.tenant, scope.sandbox)) throw gone(scope.sandbox);
    return create(scope.tenant, ON_FIRST_USE, { name: scope.sandbox, most });
  }

  return {
    ensure: async (scope, most) => find(scope.tenant, scope.sandbox) ?? commit(database, () => make(scope, most)),
    create: async (tenant, wish, most) => commit(database, () => create(tenant, wish, { most })),
    count: async (tenant) => Number(count.get(tenant)?.['count']),
    find: async (tenant, name) => find(tenant, name),
    list: createList(database),
    async update(tenant, name, decide) {
      return commit(database, () => {
        const found = find(tenant, name);
        if (!found) return undefined;
        const changed = { ...found, ...decide(found) };
        change.run(JSON.stringify(changed.env), changed.timeoutSeconds, changed.expiresAt, changed.pausedAt, JSON.stringify(changed.pauses), found.id);
        return changed;
      });
    },
    async discard(tenant, name) {
      return commit(database, () => {
        const found = find(tenant, name);
        if (found) discard.run(Date.now(), found.id);
        return found;
      });
    },
    unknown: async (ids) => ids.filter((id) => !byId.get(id)),
    expired: async (now) => expired.all(now).map(fromSandboxRow),
    paused: async () => paused.all().map(fromSandboxRow),
    discarded: async () => discarded.all().map(fromSandboxRow),
    async forget(id) {
      await commit(database, () => forget.run(id));
    },
  };
}

function gone(name: string): CoracleError {
  return new CoracleError('SANDBOX_GONE', `The sandbox ${name} has been deleted. Create a new one.`);
}

function createFind(database: DatabaseSync): (tenant: string, name: string) => Sandbox | undefined {
  const find = database.prepare(`SELECT ${ALL} FROM sandboxes WHERE tenant = ? AND (name = ? OR id = ?) AND discarded_at IS NULL`);
  return (tenant, name) => {
    const row = find.get(tenant, name, name);
    return row && fromSandboxRow(row);
  };
}

interface CreateOptions {
  /** Its id when absent. */
  readonly name?: string;
  readonly most?: number | undefined;
}

/** To be run inside a transaction. */
function createCreate(database: DatabaseSync): (tenant: string, wish: SandboxWish, options: CreateOptions) => Sandbox {
  const lowestFreeUid = database.prepare(LOWEST_FREE_UID);
  const insert = database.prepare(`INSERT INTO sandboxes (${ALL}) VALUES (${SANDBOX_COLUMNS.map((column) => `:${column}`).join(', ')})`);
  const count = database.prepare(COUNT);
  return (tenant, wish, { name, most = Number.POSITIVE_INFINITY }) => {
    if (Number(count.get(tenant)?.['count']) >= most)
      throw new CoracleError('TENANT_LIMIT', `This tenant has ${most} sandboxes, as many as it may. Delete one that is not needed.`);
    const uid = lowestFreeUid.get()?.['uid'];
    if (typeof uid !== 'number')
      throw new CoracleError('SANDBOXES_EXHAUSTED', 'This server has no user id left for another sandbox. Delete sandboxes that are not needed.');
    const id = newId('sbx');
    const createdAt = Date.now();
    const expiresAt = wish.timeoutSeconds === null ? null : createdAt + wish.timeoutSeconds * 1000;
    const sandbox: Sandbox = { ...wish, id, uid, scope: { tenant, sandbox: name ?? id }, createdAt, expiresAt, pausedAt: null, pauses: [] };
    insert.run(toSandboxRow(sandbox));
    return sandbox;
  };
}

const PAUSED = { running: 'paused_at IS NULL', paused: 'paused_at IS NOT NULL' } as const;

function createList(database: DatabaseSync): (tenant: string, page: SandboxPageRequest) => Promise<SandboxPage> {
  return async (tenant, { limit, cursor, status, region }) => {
    const conditions = ['tenant = ?', 'discarded_at IS NULL'];
    const values: SQLInputValue[] = [tenant];
    if (cursor !== undefined) {
      conditions.push('(created_at, id) < (?, ?)');
      values.push(...parseCursor(cursor));
    }
    if (status) conditions.push(PAUSED[status]);
    if (region !== undefined) {
      conditions.push('region = ?');
      values.push(region);
    }
    const query = `SELECT ${ALL} FROM sandboxes WHERE ${conditions.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`;
    // One more than asked for tells whether there is a next page.
    const rows = database.prepare(query).all(...values, limit + 1);
    const sandboxes = rows.slice(0, limit).map(fromSandboxRow);
    const last = rows.length > limit ? sandboxes.at(-1) : undefined;
    return { sandboxes, nextCursor: last ? `${last.createdAt}.${last.id}` : null };
  };
}

function parseCursor(cursor: string): [number, string] {
  const match = /^(\d{1,15})\.(sbx_[\w-]{1,64})$/.exec(cursor);
  if (!match) throw new CoracleError('INVALID_REQUEST', 'cursor is not one of ours. Send next_cursor of the page before, unchanged.');
  return [Number(match[1]), String(match[2])];
}
