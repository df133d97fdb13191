import type { SQLOutputValue } from 'node:sqlite';
import type { Failure, FailureKind, StopCause } from '../../process/outcome.ts';
import type { ProcessRecord } from '../../process/record.ts';
import type { ProcessStatus } from '../../process/status.ts';

export type Row = Record<string, SQLOutputValue>;

export const COLUMNS = [
  'id',
  'execution_id',
  'tenant',
  'sandbox',
  'name',
  'language',
  'working_dir',
  'timeout_seconds',
  'status',
  'cause',
  'failure_kind',
  'failure_message',
  'exit_code',
  'output_complete',
  'accepted_at',
  'started_at',
  'ended_at',
  'container_id',
] as const;

type Column = (typeof COLUMNS)[number];

export function toRow(record: ProcessRecord): Record<Column, string | number | null> {
  return {
    id: record.id,
    execution_id: record.executionId,
    tenant: record.scope.tenant,
    sandbox: record.scope.sandbox,
    name: record.name,
    language: record.language,
    working_dir: record.workingDir,
    timeout_seconds: record.timeoutSeconds,
    status: record.status,
    cause: record.cause,
    failure_kind: record.failure?.kind ?? null,
    failure_message: record.failure?.message ?? null,
    exit_code: record.exitCode,
    output_complete: record.outputComplete ? 1 : 0,
    accepted_at: record.acceptedAt,
    started_at: record.startedAt,
    ended_at: record.endedAt,
    container_id: record.containerId,
  };
}

export function fromRow(row: Row): ProcessRecord {
  return {
    id: text(row['id']),
    executionId: text(row['execution_id']),
    scope: { tenant: text(row['tenant']), sandbox: text(row['sandbox']) },
    name: textOrNull(row['name']),
    language: text(row['language']),
    workingDir: text(row['working_dir']),
    timeoutSeconds: Number(row['timeout_seconds']),
    status: text(row['status']) as ProcessStatus,
    cause: textOrNull(row['cause']) as StopCause | null,
    failure: failure(row),
    exitCode: numberOrNull(row['exit_code']),
    outputComplete: row['output_complete'] === 1,
    acceptedAt: Number(row['accepted_at']),
    startedAt: numberOrNull(row['started_at']),
    endedAt: numberOrNull(row['ended_at']),
    containerId: textOrNull(row['container_id']),
  };
}

function failure(row: Row): Failure | null {
  const kind = textOrNull(row['failure_kind']) as FailureKind | null;
  return kind === null ? null : { kind, message: text(row['failure_message']) };
}

const text = (value: SQLOutputValue | undefined) => String(value ?? '');
const textOrNull = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? null : String(value));
const numberOrNull = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? null : Number(value));
