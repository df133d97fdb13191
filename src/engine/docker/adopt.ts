import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import type { OutputTimes } from '../../output/output-store.ts';
import type { Adoption, ContainerEngine, ProgramInput, RunningContainer } from '../container-engine.ts';
import { NO_JOB_EXIT_CODE } from '../job.ts';
import { splitJobLine } from './job-line.ts';
import { LABEL } from './labels.ts';
import { ContainerGone, followLogs } from './logs.ts';
import { removeContainer, runningContainer } from './running.ts';
import { inspectContainer } from './watch-exit.ts';

export interface AdoptOptions {
  readonly docker: Docker;
  readonly instance: string;
}

/** A launcher that got no job leaves at once; one that has not by then is ended. */
const LAUNCHER_LEAVES_MS = 10_000;

const FORGOTTEN = 'The container engine broke down while it started the process, and does not know whether it ran. Submit it again.';

const ENDED_INPUT: ProgramInput = { write: async () => undefined, end: () => undefined, isEnded: true };

/** Remembers since when it fails, because what ended meanwhile may have been ended by the engine. */
export function createAdopt(options: AdoptOptions): ContainerEngine['adopt'] {
  const failingSince = new Map<string, number>();
  return async (containerId, kept) => {
    const awaySince = failingSince.get(containerId);
    try {
      const adopted = await adopt(options, containerId, { kept, awaySince });
      failingSince.delete(containerId);
      return adopted;
    } catch (error) {
      if (error instanceof ContainerGone) return 'gone';
      failingSince.set(containerId, awaySince ?? Date.now());
      throw error;
    }
  };
}

interface Known {
  readonly kept: OutputTimes | undefined;
  readonly awaySince: number | undefined;
}

async function adopt({ docker, instance }: AdoptOptions, containerId: string, { kept, awaySince }: Known): Promise<Adoption> {
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
  return (await isUnused(split.isTaken, running)) ? 'unused' : running;
}

/** Nothing has run in a container whose launcher has left, or was ended by us, without having said that it has the job. It is removed then. */
async function isUnused(isTaken: Promise<boolean>, container: RunningContainer): Promise<boolean> {
  const early = await Promise.race([isTaken, sleep(LAUNCHER_LEAVES_MS, 'late' as const, { ref: false })]);
  if (early === true) return false;
  if (early === 'late') await container.stop(0);
  if (await isTaken) return false;
  const exit = await container.exit;
  const isLeft = exit.kind === 'exited' && (early === 'late' || exit.exitCode === NO_JOB_EXIT_CODE);
  if (isLeft) await container.remove();
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
