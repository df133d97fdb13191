import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { StopCause } from '../../process/outcome.ts';
import type { ProcessStore, Transition } from '../../process/process-store.ts';
import type { ProcessRecord } from '../../process/record.ts';
import { predecessors } from '../../process/status.ts';
import { commit } from './commit.ts';
import { createIdempotencyKeys } from './idempotency-keys.ts';
import { createList } from './process-list.ts';
import { COLUMNS, fromRow, type Row, toRow } from './process-rows.ts';
import { fromSourceRow, SOURCE_COLUMNS, toSourceRow } from './source-rows.ts';
import { prepareDelivery } from './webhook-store.ts';

const ALL = COLUMNS.join(', ');
const ALIVE = "status IN ('queued', 'running')";

export function createSqliteProcessStore(database: DatabaseSync): ProcessStore {
  const insertRecord = database.prepare(`INSERT INTO processes (${ALL}) VALUES (${COLUMNS.map((column) => `:${column}`).join(', ')})`);
  const insertSource = database.prepare(
    `INSERT INTO sources (process_id, ${SOURCE_COLUMNS.join(', ')}) VALUES (:process_id, ${SOURCE_COLUMNS.map((column) => `:${column}`).join(', ')})`,
  );
  const insertDelivery = prepareDelivery(database);
  const find = database.prepare(`SELECT ${ALL} FROM processes WHERE id = ? AND tenant = ? AND sandbox = ?`);
  const load = database.prepare(`SELECT ${ALL}, ${SOURCE_COLUMNS.join(', ')} FROM processes JOIN sources ON process_id = id WHERE id = ?`);
  const setCause = database.prepare(`UPDATE processes SET cause = COALESCE(cause, ?) WHERE id = ? AND ${ALIVE} RETURNING cause`);
  const reassign = database.prepare(
    `UPDATE processes SET container_id = ?, started_at = ? WHERE id = ? AND container_id = ? AND status = 'running' RETURNING ${ALL}`,
  );
  const inStatus = database.prepare(`SELECT ${ALL} FROM processes WHERE status = ? ORDER BY seq`);
  const keys = createIdempotencyKeys(database);
  const records = (rows: Row[]) => rows.map(fromRow);
  return {
    async insert(record, source, key) {
      return commit(database, () => {
        const repeat = key && keys.find(record.scope.tenant, key.key);
        if (repeat) return repeat;
        insertRecord.run(toRow(record));
        insertSource.run({ process_id: record.id, ...toSourceRow(source) });
        if (source.callback) insertDelivery(record.id, source.callback);
        if (key) keys.remember(key, record);
        return undefined;
      });
    },
    findRepeat: async (tenant, key) => keys.find(tenant, key),
    async find({ tenant, sandbox }, id) {
      const row = find.get(id, tenant, sandbox);
      return row && fromRow(row);
    },
    list: createList(database),
    async load(id) {
      const row = load.get(id);
      return row && { record: fromRow(row), source: fromSourceRow(row) };
    },
    transition: createTransition(database),
    async reassign(id, { from, to, startedAt }) {
      const row = await commit(database, () => only(reassign, to, startedAt, id, from));
      return row && fromRow(row);
    },
    async recordCause(id, cause) {
      const row = await commit(database, () => only(setCause, cause, id));
      return row?.['cause'] as StopCause | undefined;
    },
    queued: async () => records(inStatus.all('queued')),
    running: async () => records(inStatus.all('running')),
  };
}

function createTransition(database: DatabaseSync): (id: string, change: Transition) => Promise<ProcessRecord | undefined> {
  const from = (to: Transition['to']) =>
    predecessors(to)
      .map((status) => `'${status}'`)
      .join(', ');
  const toRunning = database.prepare(
    `UPDATE processes SET status = 'running', starting_at = ?, started_at = ?, container_id = ? WHERE id = ? AND status IN (${from('running')}) RETURNING ${ALL}`,
  );
  const toTerminal = (to: Transition['to']): StatementSync =>
    database.prepare(
      `UPDATE processes SET status = '${to}', ended_at = ?, exit_code = ?, failure_kind = ?, failure_message = ?, output_complete = ?, stored_bytes = ?, peak_memory_bytes = ?, cpu_ms = ?, artifacts = json_set(artifacts, '$.files', json(?)) WHERE id = ? AND status IN (${from(to)}) RETURNING ${ALL}`,
    );
  const terminal = { completed: toTerminal('completed'), failed: toTerminal('failed'), killed: toTerminal('killed') };
  function run(id: string, change: Transition): Row | undefined {
    if (change.to === 'running') return only(toRunning, change.startingAt, change.startedAt, change.containerId, id);
    const { endedAt, exitCode, failure, outputComplete, storedBytes, usage, artifacts = null } = change;
    const failed = [failure?.kind ?? null, failure?.message ?? null];
    const used = [usage?.peakMemoryBytes ?? null, usage?.cpuMs ?? null];
    return only(terminal[change.to], endedAt, exitCode, ...failed, outputComplete ? 1 : 0, storedBytes, ...used, JSON.stringify(artifacts), id);
  }
  return async (id, change) => {
    const row = await commit(database, () => run(id, change));
    return row && fromRow(row);
  };
}

/** Steps a statement with RETURNING to its end: `get` would stop at the row and swallow what the commit then says. */
function only(statement: StatementSync, ...parameters: SQLInputValue[]): Row | undefined {
  return statement.all(...parameters)[0];
}
