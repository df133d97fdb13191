import type { OutputStore } from '../output/output-store.ts';
import { readEnd } from '../output/read-end.ts';
import type { ProcessRecord } from '../process/record.ts';
import { presentProcess } from './present.ts';
import type { WireProcess } from './schemas/processes.ts';

/** Bytes of each stream that a process shows in a list, and by itself. */
export const LIST_TAIL_BYTES = 64 * 1024;
export const RECORD_TAIL_BYTES = 1024 * 1024;

/** A record as callers see it, with the end of its output. */
export type View = (record: ProcessRecord, tailBytes: number) => Promise<WireProcess>;

export function createView(outputs: OutputStore): View {
  return async (record, tailBytes) => {
    const stdout = await readEnd(outputs, record.id, { stream: 'stdout', limit: tailBytes });
    const stderr = await readEnd(outputs, record.id, { stream: 'stderr', limit: tailBytes });
    return presentProcess({ record, stdout, stderr });
  };
}
