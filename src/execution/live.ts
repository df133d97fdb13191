import type { RunningContainer } from '../engine/container-engine.ts';
import type { StopCause } from '../process/outcome.ts';

/** A process that this server is carrying. */
export interface Live {
  cause: StopCause | null;
  container: RunningContainer | undefined;
  /** Its end is known, so no cause can count any more. */
  hasExited: boolean;
  /** Aborted once it has to end: a start that is under way gives up. */
  readonly interruption: AbortController;
  /** Resolved when its record is terminal. */
  readonly ended: PromiseWithResolvers<void>;
}

export function newLive(): Live {
  return { cause: null, container: undefined, hasExited: false, interruption: new AbortController(), ended: Promise.withResolvers() };
}
