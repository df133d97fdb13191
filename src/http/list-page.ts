import type { ProcessPage } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import { presentRecord } from './present.ts';
import type { WireListed } from './schemas/processes.ts';
import { LIST_TAIL_BYTES, type View } from './view.ts';

/** Characters of output in one answer, which is held in memory whole; an answer has always one process. */
const PAGE_CHARACTERS = 32 * 1024 * 1024;
/** Processes whose output is read at a time. */
const AT_ONCE = 32;
const FULL_BYTES = 16 * 1024 * 1024;

export type ShownOutput = 'none' | 'tail' | 'full';

export interface ListPage {
  readonly processes: readonly WireListed[];
  readonly nextCursor: string | null;
}

/** Shows a page's records with their output, as many as fit into one answer. */
export async function fillPage({ records, cursors, nextCursor }: ProcessPage, output: ShownOutput, view: View): Promise<ListPage> {
  if (output === 'none') return { processes: records.map(presentRecord), nextCursor };
  const show = (record: ProcessRecord) => view(record, output === 'full' ? FULL_BYTES : LIST_TAIL_BYTES);
  const processes: WireListed[] = [];
  let room = PAGE_CHARACTERS;
  // What is shown in full is read one by one, so that at most one of them is too many.
  const step = output === 'full' ? 1 : AT_ONCE;
  for (let next = 0; next < records.length; next += step) {
    if (room <= 0) return { processes, nextCursor: cursors[next - 1] ?? null };
    for (const shown of await Promise.all(records.slice(next, next + step).map(show))) {
      processes.push(shown);
      room -= shown.stdout.length + shown.stderr.length;
    }
  }
  return { processes, nextCursor };
}
