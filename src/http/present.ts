import type { OutputSlice } from '../output/output-store.ts';
import { decodeStretch } from '../output/utf8.ts';
import type { ProcessRecord } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';
import type { WireProcess, WireRecord } from './schemas/processes.ts';

const MIB = 1024 * 1024;

/** The only place where records meet their names on the wire. Every time and id is sent under each name that some client reads. */
export interface ProcessView {
  readonly record: ProcessRecord;
  readonly stdout: OutputSlice;
  readonly stderr: OutputSlice;
}

export function presentRecord(record: ProcessRecord): WireRecord {
  return {
    ...presentIdentity(record),
    ...presentTimes(record),
    exit_code: record.exitCode,
    ...presentMeasures(record),
    timed_out: record.failure?.kind === 'timeout',
    failure: record.failure,
    artifacts: presentArtifacts(record),
    output_complete: record.outputComplete,
  };
}

export function presentProcess({ record, stdout, stderr }: ProcessView): WireProcess {
  return {
    ...presentRecord(record),
    stdout: presentText(stdout, record),
    stderr: presentText(stderr, record),
    stdout_bytes: stdout.totalBytes,
    stderr_bytes: stderr.totalBytes,
    stdout_truncated: stdout.droppedBytes > 0,
    stderr_truncated: stderr.droppedBytes > 0,
  };
}

function presentArtifacts({ artifacts }: ProcessRecord) {
  const files = artifacts ? artifacts.files : [];
  return files === null ? null : files.map(({ path, size, isKept }) => ({ path, size, available: isKept }));
}

/** Of a record, under the names of the request. */
export function presentLimits({ limits, outputLimit }: Pick<ProcessRecord, 'limits' | 'outputLimit'>) {
  const { memoryBytes, cpus, pids, tmpBytes } = limits;
  return { memory_mb: memoryBytes / MIB, cpus, pids, disk_mb: tmpBytes / MIB, output_bytes: outputLimit };
}

function presentMeasures({ limits, outputLimit, usage, acceptedAt, startingAt, startedAt, endedAt }: ProcessRecord) {
  const between = (from: number | null, to: number | null) => (from === null || to === null ? null : Math.max(0, to - from));
  return {
    limits: presentLimits({ limits, outputLimit }),
    usage: usage && { peak_memory_bytes: usage.peakMemoryBytes, cpu_ms: usage.cpuMs },
    timings: { queued_ms: between(acceptedAt, startingAt), start_ms: between(startingAt, startedAt), run_ms: between(startedAt, endedAt) },
  };
}

function presentIdentity(record: ProcessRecord) {
  return {
    process_id: record.id,
    execution_id: record.executionId,
    request_id: record.requestId,
    name: record.name,
    status: record.status,
    language: record.language,
    runtime: record.runtime,
    working_dir: record.workingDir,
    timeout: record.timeoutSeconds,
    pid: null,
  };
}

function presentTimes({ acceptedAt, startedAt, endedAt }: ProcessRecord) {
  const started = isoTime(startedAt);
  const ended = isoTime(endedAt);
  const seconds = startedAt === null ? null : ((endedAt ?? Date.now()) - startedAt) / 1000;
  return {
    created_at: new Date(acceptedAt).toISOString(),
    started_at: started,
    start_time: started,
    completed_at: ended,
    end_time: ended,
    execution_time: seconds,
    duration: seconds,
  };
}

export function presentText(slice: OutputSlice, { status }: ProcessRecord): string {
  const isAtEnd = slice.nextOffset === slice.totalBytes;
  return decodeStretch(slice.data, { startsInside: slice.offset > 0, isOpen: !(isAtEnd && isTerminal(status)) });
}

export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
