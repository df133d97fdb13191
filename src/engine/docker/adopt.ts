import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import type { OutputTimes } from '../../output/output-store.ts';
import type { Adoption, ContainerEngine, ProgramInput, RunningContainer } from '../container-engine.ts';
import { NO_JOB_EXIT_CODE } from '../job.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { splitJobLine } from './job-line.ts';
import { LABEL } from './labels.ts';
import { ContainerGone, followLogs } from './logs.ts';
import { removeContainer, runningContainer } from './running.ts';
import { inspectContainer } from './watch-exit.ts';

export interface AdoptOptions {
  readonly docker: Docker;
  readonly instance: string;
  /** A launcher that got no job leaves at once; one that has not after so many milliseconds is ended. */
  readonly launcherLeavesMs?: number;
}

const LAUNCHER_LEAVES_MS = 10_000;

const FORGOTTEN = 'The container engine broke down while it started the process, and does not know whether it ran. Submit it again.';

const ENDED_INPUT: ProgramInput = { write: async () => undefined, end: () => undefined, isEnded: true };

/**
 * An engine that was killed can come up without its hold on a container: it tells that it runs, but whatever is to end it comes to nothing, or is never
 * answered. Three engines 20.10 with live-restore were killed 34 times in a row, while containers started: of the 83 launchers that were left they
 * ended 62, and never answered to the stop of 21. Of some of those containerd knew nothing, kill and remove hung as well, and then often inspect too.
 */
class Unending extends Error {
  constructor(cause: unknown) {
    super('a container runs on after the engine was told to end it', { cause });
  }
}

/**
 * Remembers since when it fails, because what ended meanwhile may have been ended by the engine. A launcher that cannot be ended is given up when it was
 * so twice: the first time the engine may have broken down again.
 */
export function createAdopt(options: AdoptOptions): ContainerEngine['adopt'] {
  const failingSince = new Map<string, number>();
  const unending = new Set<string>();
  return async (containerId, kept) => {
    const awaySince = failingSince.get(containerId);
    try {
      const adopted = await adopt(options, containerId, { kept, awaySince });
      failingSince.delete(containerId);
      unending.delete(containerId);
      return adopted;
    } catch (error) {
      if (error instanceof ContainerGone) return 'gone';
      const isUnending = error instanceof Unending || (unending.has(containerId) && (await answers(options.docker)));
      if (isUnending && isAgain(unending, containerId)) return forgottenContainer(options.docker.getContainer(containerId));
      failingSince.set(containerId, awaySince ?? Date.now());
      throw error;
    }
  };
}

/** Remembers it the first time, and forgets it the second. */
function isAgain(seen: Set<string>, containerId: string): boolean {
  if (seen.delete(containerId)) return true;
  seen.add(containerId);
  return false;
}

interface Known {
  readonly kept: OutputTimes | undefined;
  readonly awaySince: number | undefined;
}

async function adopt(
  { docker, instance, launcherLeavesMs = LAUNCHER_LEAVES_MS }: AdoptOptions,
  containerId: string,
  { kept, awaySince }: Known,
): Promise<Adoption> {
  const container = docker.getContainer(containerId);
  const found = await inspectContainer(container);
  if (!found || found.Config.Labels[LABEL.instance] !== instance) return 'gone';
  // It was given its job after it had started: an engine that crashed before it had noted the start does not remember it.
  if (found.State.Status === 'created') return forgottenContainer(container);
  const { output, isFromStart } = await followLogs(container, kept);
  const shared = { docker, container, stdin: ENDED_INPUT, isOutputFromStart: isFromStart, awaySince, isFresh: false };
  if (!isFromStart) return runningContainer({ ...shared, output });
  const split = splitJobLine(output);
  const running = runningContainer({ ...shared, output: split.output });
  const early = await Promise.race([split.isTaken, sleep(launcherLeavesMs, 'late' as const, { ref: false })]);
  if (early === 'late') await endLauncher(docker, container, running);
  return (await isUnused(split.isTaken, { running, isEnded: early === 'late' })) ? 'unused' : running;
}

/** Rejects with Unending when the engine goes on to say that it runs. */
async function endLauncher(docker: Docker, container: Container, running: RunningContainer): Promise<void> {
  try {
    await running.stop(0);
  } catch (error) {
    throw (await runsOn(docker, container)) ? new Unending(error) : error;
  }
}

/** Also where the engine answers, but not of this container: a stop that hangs can hold up every other call on it. */
async function runsOn(docker: Docker, container: Container): Promise<boolean> {
  try {
    return (await inspectContainer(container))?.State.Running ?? false;
  } catch (error) {
    if (await answers(docker)) return true;
    throw error;
  }
}

function answers(docker: Docker): Promise<boolean> {
  return withDeadline(docker.ping(), { ms: QUICK_MS, what: 'answer at all' }).then(
    () => true,
    () => false,
  );
}

/** Nothing has run in a container whose launcher has left, or was ended by us, without having said that it has the job. It is removed then. */
async function isUnused(isTaken: Promise<boolean>, { running, isEnded }: { running: RunningContainer; isEnded: boolean }): Promise<boolean> {
  if (await isTaken) return false;
  const exit = await running.exit;
  const isLeft = exit.kind === 'exited' && (isEnded || exit.exitCode === NO_JOB_EXIT_CODE);
  if (isLeft) await running.remove();
  return isLeft;
}

/** One of which nobody can tell more than that it is gone. */
function forgottenContainer(container: Container): RunningContainer {
  const nothing = async () => undefined;
  return {
    id: container.id,
    output: (async function* () {})(),
    isOutputFromStart: false,
    exit: Promise.resolve({ kind: 'vanished', reason: FORGOTTEN }),
    stdin: ENDED_INPUT,
    stop: nothing,
    signal: nothing,
    pause: nothing,
    resume: nothing,
    usage: nothing,
    remove: () => removeContainer(container),
  };
}
