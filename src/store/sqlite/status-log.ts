import type { DatabaseSync } from 'node:sqlite';
import { recordAt } from '../../process/history.ts';
import type { ProcessStatus } from '../../process/status.ts';
import type { StatusLog } from '../../process/status-log.ts';
import { COLUMNS, fromRow } from './process-rows.ts';

/** Triggers of the schema write the log, in the transaction of the change itself. */
export function createSqliteStatusLog(database: DatabaseSync): StatusLog {
  const columns = COLUMNS.map((column) => `processes.${column}`).join(', ');
  const after = database.prepare(
    `SELECT status_changes.seq AS change_seq, status_changes.status AS change_status, ${columns} FROM status_changes
     JOIN processes ON processes.seq = process_seq
     WHERE status_changes.tenant = ? AND status_changes.sandbox = ? AND status_changes.seq > ? ORDER BY status_changes.seq LIMIT ?`,
  );
  const newest = database.prepare('SELECT seq FROM status_changes WHERE tenant = ? AND sandbox = ? ORDER BY seq DESC LIMIT 1 OFFSET ?');
  return {
    async after({ tenant, sandbox }, seq, limit) {
      const rows = after.all(tenant, sandbox, seq, limit);
      return rows.map((row) => ({ seq: Number(row['change_seq']), record: recordAt(fromRow(row), String(row['change_status']) as ProcessStatus) }));
    },
    beforeNewest: async ({ tenant, sandbox }, count) => Number(newest.get(tenant, sandbox, count)?.['seq'] ?? 0),
  };
}
