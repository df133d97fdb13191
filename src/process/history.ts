import type { ProcessRecord } from './record.ts';
import { isTerminal, type ProcessStatus } from './status.ts';

const NOT_ENDED = { endedAt: null, exitCode: null, failure: null, outputComplete: true, storedBytes: 0, usage: null } as const;
const NOT_STARTED = { ...NOT_ENDED, startingAt: null, startedAt: null, containerId: null } as const;

/** A record as it was when it had just got a status that it has, or had. */
export function recordAt(record: ProcessRecord, status: ProcessStatus): ProcessRecord {
  if (status === record.status) return record;
  const artifacts = record.artifacts && { ...record.artifacts, files: null };
  return { ...record, artifacts, status, cause: null, ...(status === 'queued' ? NOT_STARTED : NOT_ENDED) };
}

/** The statuses that a record has had, in their order, the present one last: it tells of its past, so nobody has to have seen it. */
export function statusesOf({ status, startedAt }: ProcessRecord): readonly ProcessStatus[] {
  const hasRun = isTerminal(status) && startedAt !== null;
  return ['queued' as const, ...(hasRun ? ['running' as const] : []), ...(status === 'queued' ? [] : [status])];
}
