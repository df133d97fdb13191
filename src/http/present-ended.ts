import type { Executed } from '../execution/execute.ts';
import type { Log } from '../execution/log.ts';
import type { OutputStore, OutputStream } from '../output/output-store.ts';
import { readEnd } from '../output/read-end.ts';
import type { Accepted } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';
import { presentText } from './present.ts';
import { type RichResults, richResults } from './schemas/run.ts';

/** The end of each stream that an answer carries, in bytes. */
const TAIL_BYTES = 4 * 1024 * 1024;

/** What every answer says that was waited for until the process ended. One at a shutdown may not have ended. */
export async function presentEnded(outputs: OutputStore, record: ProcessRecord) {
  const [stdout, stderr] = await Promise.all([readText(outputs, record, 'stdout'), readText(outputs, record, 'stderr')]);
  return {
    success: record.status === 'completed',
    stdout,
    stderr,
    // Clients take nothing but a number.
    exit_code: record.exitCode ?? -1,
    execution_time: record.startedAt === null ? 0 : ((record.endedAt ?? Date.now()) - record.startedAt) / 1000,
    timestamp: new Date().toISOString(),
    process_id: record.id,
    execution_id: record.executionId,
    status: record.status,
    timed_out: record.failure?.kind === 'timeout',
    error: errorOf(record),
  };
}

/** A process that was accepted is never answered with an error: the clients would take that for a reason to send it again. */
export async function presentExecuted<T>(
  { accepted, record }: Executed,
  log: Log,
  present: (record: ProcessRecord) => Promise<T>,
): Promise<T | ReturnType<typeof presentUnknown>> {
  try {
    if (record) return await present(record);
  } catch (error) {
    log.error({ err: error, process: accepted.id }, 'the output of a process could not be read for its answer');
  }
  return presentUnknown(accepted);
}

function presentUnknown({ id, executionId }: Accepted) {
  return {
    success: false,
    stdout: '',
    stderr: '',
    exit_code: -1,
    execution_time: 0,
    timestamp: new Date().toISOString(),
    process_id: id,
    execution_id: executionId,
    status: 'queued' as const,
    timed_out: false,
    error: `The process was accepted, but how it went cannot be told now. See GET /execute/processes/${id}.`,
  };
}

/** What it left to be shown; nothing where a program has sent something else under that name. */
export async function presentResult(outputs: OutputStore, { id }: ProcessRecord): Promise<RichResults> {
  const data = await outputs.result(id);
  if (!data) return {};
  try {
    return richResults.parse(JSON.parse(Buffer.from(data).toString()));
  } catch {
    return {};
  }
}

function errorOf({ id, status, failure }: ProcessRecord): string | null {
  if (status === 'killed') return 'The process was killed.';
  if (!isTerminal(status)) return `The server is shutting down and the process goes on. See GET /execute/processes/${id}.`;
  return failure?.message ?? null;
}

async function readText(outputs: OutputStore, record: ProcessRecord, stream: OutputStream): Promise<string> {
  return presentText(await readEnd(outputs, record.id, { stream, limit: TAIL_BYTES }), record);
}
