import type { Scope } from '../process/record.ts';
import type { StatusChange, StatusLog } from '../process/status-log.ts';
import type { Events } from './events.ts';
import { type Patience, type Seen, watch } from './watch.ts';

export interface WatchSandboxRequest extends Patience {
  readonly scope: Scope;
  /** The `seq` of the last change that is known; a negative number asks for so many of the newest. */
  readonly after: number;
}

const BATCH = 100;

export type WatchSandbox = (request: WatchSandboxRequest) => AsyncGenerator<readonly StatusChange[]>;

/** Tells every change of status in a sandbox from a place on, past ones and then those that come, until the signal is aborted. */
export function createWatchSandbox({ statusLog, events }: { statusLog: StatusLog; events: Events }): WatchSandbox {
  return ({ scope, after, ...patience }) => {
    let seq = after;

    async function look(): Promise<Seen<StatusChange>> {
      if (seq < 0) seq = await statusLog.beforeNewest(scope, -seq);
      const items = await statusLog.after(scope, seq, BATCH);
      seq = items.at(-1)?.seq ?? seq;
      return { items, hasMore: items.length === BATCH, isFinal: false };
    }

    return watch({ ...patience, look, subscribe: (wake) => events.onStatusIn(scope, wake) });
  };
}
