import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { PausedSandboxes } from './paused.ts';
import type { UntilDone } from './retry.ts';

export interface FreezeDependencies {
  readonly paused: PausedSandboxes;
  readonly untilDone: UntilDone;
  readonly log: Log;
}

/**
 * Brings a process's container to the state of its sandbox, frozen or not, after whatever was under way for it. Resolves when it is so, or the container has
 * ended; an engine that is away is waited for. The time-out stands still from the moment when it is to be frozen until it goes on.
 */
export function settle(dependencies: FreezeDependencies, live: Live): Promise<void> {
  const settled = live.settled.then(() => bring(dependencies, live));
  live.settled = settled.catch(() => undefined);
  return settled;
}

async function bring({ paused, untilDone, log }: FreezeDependencies, live: Live): Promise<void> {
  const { container, scope } = live;
  if (!container || !scope || live.hasExited) return;
  const shallFreeze = paused.has(scope);
  if (shallFreeze === live.isFrozen) return;
  if (shallFreeze) live.deadline?.hold();
  await untilDone(
    async () => {
      if (!live.hasExited) await (shallFreeze ? container.pause() : container.resume());
    },
    (error) => log.warn({ err: error, container: container.id }, 'a container could not be frozen or thawed; trying again'),
  );
  live.isFrozen = shallFreeze;
  if (!shallFreeze) live.deadline?.release();
}
