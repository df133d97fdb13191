import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, ContainerInspectInfo } from 'dockerode';
import type { OutputFrame } from '../../output/output-store.ts';
import type { ContainerExit } from '../../process/outcome.ts';
import type { RunningContainer } from '../container-engine.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import { demultiplex } from './demux.ts';
import { alreadySo, notThere } from './errors.ts';

/** How long the wait call may trail the end of the output before we ask by ourselves. */
const WAIT_TRAILS_MS = 2_000;
/** Between two tries to ask an engine that does not answer. */
const RETRY_MS = 1_000;
/** What an engine that stops, or comes back after a crash, says of the containers that it took down. */
const ENGINE_DOWN_CODES = [137, 255];
/** What the engine says of a container that somebody removes by force: it is killed first, and can be seen so for a moment. */
const FORCED_CODE = 137;

const REMOVED: ContainerExit = {
  kind: 'vanished',
  reason: 'The container was removed from outside Coracle while the process ran. Submit it again.',
};

export interface Started {
  readonly container: Container;
  readonly startedAt: number;
  readonly stream: AsyncIterable<Uint8Array>;
}

export function runningContainer({ container, startedAt, stream }: Started): RunningContainer {
  const streamEnd = Promise.withResolvers<void>();
  let isStopAsked = false;
  const exit = watchExit(container, streamEnd.promise, () => isStopAsked);
  return {
    id: container.id,
    startedAt,
    output: noticeEnd(demultiplex(stream), streamEnd.resolve),
    exit,
    async stop(graceMs) {
      isStopAsked = true;
      const stopped = container.stop({ t: Math.ceil(graceMs / 1000) });
      await withDeadline(stopped.catch(alreadySo), { ms: graceMs + SLOW_MS, what: 'stop a container' });
    },
    remove: () => removeContainer(container),
  };
}

export async function removeContainer(container: Container): Promise<void> {
  await withDeadline(container.remove({ force: true, v: true }).catch(alreadySo), { ms: SLOW_MS, what: 'remove a container' });
}

export async function inspectContainer(container: Container): Promise<ContainerInspectInfo | undefined> {
  return withDeadline(container.inspect().catch(notThere), { ms: QUICK_MS, what: 'inspect a container' });
}

async function* noticeEnd(frames: AsyncIterable<readonly OutputFrame[]>, onEnd: () => void): AsyncGenerator<readonly OutputFrame[]> {
  try {
    yield* frames;
  } finally {
    onEnd();
  }
}

/**
 * The wait call tells that the program has ended, but its connection can break without a word; the end of the output tells too. Either only makes us
 * look: what the engine then says of the container is the answer, also because only that tells of a lack of memory.
 */
async function watchExit(container: Container, streamEnd: Promise<void>, isStopAsked: () => boolean): Promise<ContainerExit> {
  let wasAway = false;
  const waited = container.wait().catch(() => undefined);
  await Promise.race([waited, streamEnd.then(() => sleep(WAIT_TRAILS_MS, undefined, { ref: false }))]);
  for (;;) {
    try {
      const exit = exitOf(await inspectContainer(container), wasAway && !isStopAsked());
      if (exit) return exit;
    } catch {
      wasAway = true;
    }
    await sleep(RETRY_MS, undefined, { ref: false });
  }
}

function exitOf(info: ContainerInspectInfo | undefined, wasEngineAway: boolean): ContainerExit | undefined {
  if (!info) return REMOVED;
  const { Running, ExitCode, OOMKilled, FinishedAt, Status } = info.State;
  if (Running) return undefined;
  if (Status === 'removing' && !OOMKilled && ExitCode === FORCED_CODE) return REMOVED;
  if (wasEngineAway && !OOMKilled && ENGINE_DOWN_CODES.includes(ExitCode)) {
    return { kind: 'vanished', reason: 'The container engine stopped while the process ran. Submit it again.' };
  }
  return { kind: 'exited', exitCode: ExitCode, oomKilled: OOMKilled, endedAt: Date.parse(FinishedAt) };
}
