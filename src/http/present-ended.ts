import type { OutputStore, OutputStream } from '../output/output-store.ts';
import { readEnd } from '../output/read-end.ts';
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
