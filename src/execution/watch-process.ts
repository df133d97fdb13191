import type { OutputStore } from '../output/output-store.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import type { Events } from './events.ts';
import { eventsAfter, type Position, type ProcessEvent } from './process-events.ts';
import { type Patience, type Seen, watch } from './watch.ts';

export interface WatchDependencies {
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
  readonly events: Events;
}

export interface WatchRequest extends Patience {
  readonly scope: Scope;
  readonly id: string;
  /** A negative offset counts from the end. */
  readonly from: Position;
}

/** Bytes that are read for one batch, which is what a follower holds in memory at most. */
const BATCH_BYTES = 64 * 1024;

export type WatchProcess = (request: WatchRequest) => AsyncGenerator<readonly ProcessEvent[]>;

/**
 * Tells a process's whole life from a position on: what is known already and then what comes. A follower that falls behind the output that is kept is told
 * what it has missed. It ends after the end of the process, and without it when the signal is aborted or the record has been removed.
 */
export function createWatchProcess({ store, outputs, events }: WatchDependencies): WatchProcess {
  return ({ scope, id, from, ...patience }) => {
    let position = from;
    let record: ProcessRecord | undefined;
    // The record is read again only when it has changed, for output comes often.
    let isStale = true;

    async function look(): Promise<Seen<ProcessEvent> | undefined> {
      // The record before the output: what has ended then has written everything.
      if (isStale) {
        isStale = false;
        record = await store.find(scope, id);
      }
      if (!record) return undefined;
      const slice = await outputs.readFrames(id, { stream: 'all', offset: position.offset, limit: BATCH_BYTES });
      const told = eventsAfter(position, record, slice);
      // Where a record was removed its output may have gone before it was read.
      if (told.isFinal && !(await store.find(scope, id))) return undefined;
      position = told.position;
      return { items: told.events, hasMore: slice.nextOffset < slice.totalBytes, isFinal: told.isFinal };
    }

    function subscribe(wake: () => void): () => void {
      const onStatus = () => {
        isStale = true;
        wake();
      };
      const unsubscribe = [events.onStatusOf(id, onStatus), events.onOutputOf(id, wake)];
      return () => {
        for (const each of unsubscribe) each();
      };
    }

    return watch({ ...patience, look, subscribe });
  };
}
