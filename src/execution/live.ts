import type { RunningContainer } from '../engine/container-engine.ts';
import type { StopCause } from '../process/outcome.ts';
import type { Scope } from '../process/record.ts';
import type { Deadline } from './deadline.ts';
import { type StopHow, USUAL_STOP } from './stop-container.ts';

/** A process that this server is carrying. */
export interface Live {
  cause: StopCause | null;
  /** How it is to be ended. */
  how: StopHow;
  container: RunningContainer | undefined;
  /** Of its record, once it runs. */
  scope: Scope | undefined;
  /** Of its time-out, once it runs. */
  deadline: Deadline | undefined;
  /** Undefined while nobody here knows, because an earlier server had it. */
  isFrozen: boolean | undefined;
  /** Resolves when its container is as its sandbox is. Never rejects. */
  settled: Promise<void>;
  /** Its end is known, so no cause can count any more. */
  hasExited: boolean;
  /** Aborted once it has to end: a start that is under way gives up. */
  readonly interruption: AbortController;
  /** Resolved with its container when its program runs, or without one when it will not. */
  readonly started: PromiseWithResolvers<RunningContainer | undefined>;
  /** Resolved when its record is terminal. */
  readonly ended: PromiseWithResolvers<void>;
}

export function newLive(): Live {
  return {
    cause: null,
    how: USUAL_STOP,
    container: undefined,
    scope: undefined,
    deadline: undefined,
    isFrozen: false,
    settled: Promise.resolve(),
    hasExited: false,
    interruption: new AbortController(),
    started: Promise.withResolvers(),
    ended: Promise.withResolvers(),
  };
}
