import type { DatabaseSync } from 'node:sqlite';
import { newId } from '../../ids.ts';
import type { Callback } from '../../process/callback.ts';
import type { Delivery, DeliveryState, WebhookStore } from '../../webhooks/webhook-store.ts';
import { commit } from './commit.ts';
import { COLUMNS, fromRow, type Row } from './process-rows.ts';

const DELIVERY = ['id', 'process_id', 'url', 'headers', 'secret', 'state', 'attempts', 'next_at', 'last_at', 'last_status', 'last_error'];

/** For the transaction that inserts the record. */
export function prepareDelivery(database: DatabaseSync): (processId: string, callback: Callback) => void {
  const insert = database.prepare(
    "INSERT INTO webhooks (process_id, id, url, headers, secret, state, attempts, next_at) VALUES (?, ?, ?, ?, ?, 'pending', 0, 0)",
  );
  return (processId, { url, headers, secret }) => void insert.run(processId, newId('dlv'), url, JSON.stringify(headers), secret);
}

export function createSqliteWebhookStore(database: DatabaseSync): WebhookStore {
  const find = database.prepare(`
    SELECT ${select('webhooks')} FROM webhooks JOIN processes ON processes.id = webhooks.process_id
    WHERE tenant = ? AND sandbox = ? AND process_id = ?`);
  // Asked at the end of every process, and most call nobody: the question below takes a thirtieth of the time of the next one.
  const mayBeDue = database.prepare("SELECT 1 FROM webhooks WHERE state = 'pending' AND next_at <= ? LIMIT 1");
  const due = database.prepare(`
    SELECT * FROM (
      SELECT ${select('webhooks')}, ${COLUMNS.map((column) => `processes.${column}`).join(', ')},
        ROW_NUMBER() OVER (PARTITION BY tenant ORDER BY next_at, seq) AS turn
      FROM webhooks JOIN processes ON processes.id = webhooks.process_id
      WHERE webhooks.state = 'pending' AND next_at <= ? AND ended_at IS NOT NULL
    ) WHERE turn <= ? ORDER BY webhook_next_at LIMIT ?`);
  const record = database.prepare(
    "UPDATE webhooks SET state = ?, attempts = attempts + 1, next_at = ?, last_at = ?, last_status = ?, last_error = ? WHERE process_id = ? AND state = 'pending'",
  );
  return {
    async find({ tenant, sandbox }, processId) {
      const row = find.get(tenant, sandbox, processId);
      return row && toDelivery(row);
    },
    async due(now, { all, perTenant }) {
      if (!mayBeDue.get(now)) return [];
      return due.all(now, perTenant, all).map((row) => ({ delivery: toDelivery(row), record: fromRow(row) }));
    },
    async recordAttempt(processId, { state, nextAt, lastAt, lastStatus, lastError }) {
      await commit(database, () => record.run(state, nextAt, lastAt, lastStatus, lastError, processId));
    },
  };
}

/** Under names of their own, because processes have some of them too. */
function select(table: string): string {
  return DELIVERY.map((column) => `${table}.${column} AS webhook_${column}`).join(', ');
}

function toDelivery(row: Row): Delivery {
  const textOrNull = (column: string) => (row[column] === null ? null : String(row[column]));
  const numberOrNull = (column: string) => (row[column] === null ? null : Number(row[column]));
  return {
    id: String(row['webhook_id']),
    processId: String(row['webhook_process_id']),
    callback: { url: String(row['webhook_url']), headers: JSON.parse(String(row['webhook_headers'])), secret: textOrNull('webhook_secret') },
    state: String(row['webhook_state']) as DeliveryState,
    attempts: Number(row['webhook_attempts']),
    nextAt: Number(row['webhook_next_at']),
    lastAt: numberOrNull('webhook_last_at'),
    lastStatus: numberOrNull('webhook_last_status'),
    lastError: textOrNull('webhook_last_error'),
  };
}
