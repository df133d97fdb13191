import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import type { Kill, KillOptions, KillResult } from './kill.ts';

/** Of everything in the scope that has not ended, what has this name, or all. */
export interface Selection {
  readonly name?: string | undefined;
}

/** Kills what is selected and has not ended when this is called; answers what it has stopped, or will stop, once that is so. */
export type KillMany = (scope: Scope, selection: Selection, options?: KillOptions) => Promise<readonly ProcessRecord[]>;

const PAGE = 1_000;

export function createKillMany({ store, kill }: { readonly store: ProcessStore; readonly kill: Kill }): KillMany {
  async function select(scope: Scope, name: string | undefined, status: 'queued' | 'running'): Promise<ProcessRecord[]> {
    const found: ProcessRecord[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await store.list(scope, { limit: PAGE, cursor: cursor ?? undefined, name, statuses: [status] });
      found.push(...page.records);
      cursor = page.nextCursor;
    } while (cursor);
    return found;
  }

  return async (scope, { name }, options) => {
    const killAll = async (records: readonly ProcessRecord[]) => (await Promise.all(records.map(({ id }) => kill(scope, id, options)))).flatMap(stopped);
    // What waits goes first: else it would start where others end.
    const waiting = await killAll(await select(scope, name, 'queued'));
    return [...waiting, ...(await killAll(await select(scope, name, 'running')))];
  };
}

function stopped(result: KillResult): readonly ProcessRecord[] {
  return result.kind === 'killed' || result.kind === 'pending' ? [result.record] : [];
}
