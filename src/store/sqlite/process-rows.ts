import type { SQLOutputValue } from 'node:sqlite';
import type { Artifacts } from '../../process/artifacts.ts';
import type { ContainerLimits } from '../../process/limits.ts';
import type { Failure, FailureKind, StopCause } from '../../process/outcome.ts';
import type { OnOutputLimit, ProcessRecord, Usage } from '../../process/record.ts';
import type { ProcessStatus } from '../../process/status.ts';

export type Row = Record<string, SQLOutputValue>;

export const COLUMNS = [
  'id',
  'execution_id',
  'request_id',
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
  'memory_bytes',
  'cpus',
  'pids',
  'tmp_bytes',
  'output_limit',
  'on_output_limit',
  'stored_bytes',
  'peak_memory_bytes',
  'cpu_ms',
  'accepted_at',
  'starting_at',
  'started_at',
  'ended_at',
  'container_id',
  'runtime',
  'artifacts',
] as const;

type Column = (typeof COLUMNS)[number];

export function toRow(record: ProcessRecord): Record<Column, string | number | null> {
  return {
    id: record.id,
    execution_id: record.executionId,
    request_id: record.requestId,
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
    memory_bytes: record.limits.memoryBytes,
    cpus: record.limits.cpus,
    pids: record.limits.pids,
    tmp_bytes: record.limits.tmpBytes,
    output_limit: record.outputLimit,
    on_output_limit: record.onOutputLimit,
    stored_bytes: record.storedBytes,
    peak_memory_bytes: record.usage?.peakMemoryBytes ?? null,
    cpu_ms: record.usage?.cpuMs ?? null,
    accepted_at: record.acceptedAt,
    starting_at: record.startingAt,
    started_at: record.startedAt,
    ended_at: record.endedAt,
    container_id: record.containerId,
    runtime: record.runtime,
    artifacts: record.artifacts && JSON.stringify(record.artifacts),
  };
}

export function fromRow(row: Row): ProcessRecord {
  return {
    id: text(row['id']),
    executionId: text(row['execution_id']),
    requestId: textOrNull(row['request_id']),
    scope: { tenant: text(row['tenant']), sandbox: text(row['sandbox']) },
    name: textOrNull(row['name']),
    language: text(row['language']),
    runtime: textOrNull(row['runtime']),
    workingDir: text(row['working_dir']),
    timeoutSeconds: Number(row['timeout_seconds']),
    status: text(row['status']) as ProcessStatus,
    cause: textOrNull(row['cause']) as StopCause | null,
    failure: failure(row),
    exitCode: numberOrNull(row['exit_code']),
    outputComplete: row['output_complete'] === 1,
    limits: limits(row),
    outputLimit: Number(row['output_limit']),
    onOutputLimit: text(row['on_output_limit']) as OnOutputLimit,
    storedBytes: Number(row['stored_bytes']),
    usage: usage(row),
    artifacts: JSON.parse(textOrNull(row['artifacts']) ?? 'null') as Artifacts | null,
    acceptedAt: Number(row['accepted_at']),
    startingAt: numberOrNull(row['starting_at']),
    startedAt: numberOrNull(row['started_at']),
    endedAt: numberOrNull(row['ended_at']),
    containerId: textOrNull(row['container_id']),
  };
}

function limits(row: Row): ContainerLimits {
  const [memoryBytes = 0, cpus = 0, pids = 0, tmpBytes = 0] = [row['memory_bytes'], row['cpus'], row['pids'], row['tmp_bytes']].map(Number);
  return { memoryBytes, cpus, pids, tmpBytes };
}

function usage(row: Row): Usage | null {
  const peakMemoryBytes = numberOrNull(row['peak_memory_bytes']);
  return peakMemoryBytes === null ? null : { peakMemoryBytes, cpuMs: Number(row['cpu_ms']) };
}

function failure(row: Row): Failure | null {
  const kind = textOrNull(row['failure_kind']) as FailureKind | null;
  return kind === null ? null : { kind, message: text(row['failure_message']) };
}

export const text = (value: SQLOutputValue | undefined) => String(value ?? '');
export const textOrNull = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? null : String(value));
export const numberOrNull = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? null : Number(value));
