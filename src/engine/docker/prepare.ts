import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import type { ContainerEngine, ContainerSpec, PreparedContainer, ProgramInput, RunningContainer } from '../container-engine.ts';
import { encodeJob, type Job, NO_JOB_EXIT_CODE } from '../job.ts';
import { type Attached, attach } from './attach.ts';
import { changeableLimits, containerOptions, type EngineTraits } from './container-options.ts';
import { SLOW_MS, withDeadline } from './deadline.ts';
import { demultiplex } from './demux.ts';
import { translate, translateCreate } from './errors.ts';
import { splitJobLine } from './job-line.ts';
import { removeContainer, runningContainer } from './running.ts';

export interface PrepareOptions {
  readonly docker: Docker;
  readonly spec: ContainerSpec;
  readonly traits: EngineTraits;
  readonly name: string;
  readonly signal: AbortSignal;
  /** On the host, in which the sandbox's files lie. */
  readonly folder?: string | undefined;
  /** For one of which is not known whether it has its job. */
  readonly adopt: ContainerEngine['adopt'];
}

/** Creates and starts a container whose launcher waits for its job. Leaves nothing behind when it rejects, as far as the engine can be reached. */
export async function prepareContainer(options: PrepareOptions): Promise<PreparedContainer> {
  const { signal } = options;
  const container = await createContainer(options);
  try {
    return preparedContainer(options, container, await startContainer(container, signal));
  } catch (error) {
    await removeContainer(container).catch(() => undefined);
    throw error === signal.reason ? error : translate(error);
  }
}

async function createContainer({ docker, spec, traits, name, signal, folder }: PrepareOptions): Promise<Container> {
  signal.throwIfAborted();
  // Otherwise the client puts everything into the address too, the seccomp profile included.
  const request = { _query: { name }, _body: containerOptions(spec, traits, folder) };
  const created = docker.createContainer(request as Docker.ContainerCreateOptions);
  const discard = (late: Container) => void removeContainer(late).catch(() => undefined);
  return withDeadline(created, { ms: SLOW_MS, what: 'create a container', discard }).catch((error) => {
    throw translateCreate(error);
  });
}

/** Attached before it starts, so that not a byte is missed. */
async function startContainer(container: Container, signal: AbortSignal): Promise<Attached> {
  signal.throwIfAborted();
  const attached = await attach(container);
  const { socket } = attached;
  try {
    // A program that ends before it has read everything breaks the pipe; how it ended is told by its exit, so the error is not ours to report.
    socket.on('error', () => undefined);
    signal.throwIfAborted();
    await withDeadline(container.start(), { ms: SLOW_MS, what: 'start a container' });
    return attached;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function preparedContainer({ docker, traits, spec, adopt }: PrepareOptions, container: Container, { socket, chunks }: Attached): PreparedContainer {
  const split = splitJobLine(demultiplex(chunks));
  const died = split.isTaken.then(
    (isTaken) => (isTaken ? new Promise<void>(() => undefined) : undefined),
    () => undefined,
  );
  let isDead = false;
  void died.then(() => {
    isDead = true;
  });
  return {
    id: container.id,
    died,
    async begin(job: Job) {
      if (isDead) {
        await removeUnused(container);
        return undefined;
      }
      socket.write(encodeJob(job));
      const running = runningContainer({ docker, container, output: split.output, isOutputFromStart: true, isFresh: true, stdin: programInput(socket) });
      if (await split.isTaken.catch(() => false)) return running;
      return whatBecame({ container, running, adopt });
    },
    async fit(limits) {
      const updated = container.update(changeableLimits({ ...spec, limits }, traits)).catch((error) => {
        throw translate(error);
      });
      await withDeadline(updated, { ms: SLOW_MS, what: 'change the limits of a container' });
    },
    async remove() {
      socket.destroy();
      await removeContainer(container);
    },
  };
}

/** That nothing has run in it is known already, and must not be lost with the engine; one that stays behind is an orphan. */
async function removeUnused(container: Container): Promise<void> {
  await removeContainer(container).catch(() => undefined);
}

/** A launcher that has left is soon told of; after that, the connection has gone before the container. */
const LEAVES_MS = 2_000;
const RETRY_MS = 1_000;

interface Doubtful {
  readonly container: Container;
  readonly running: RunningContainer;
  readonly adopt: ContainerEngine['adopt'];
}

/**
 * The connection has ended before the launcher said that it has the job. Either it has left without, or an engine that broke down has lost the job or the
 * word of it: its launcher may wait for ever, or the program may run. The engine's log tells, as soon as it is back.
 */
async function whatBecame({ container, running, adopt }: Doubtful): Promise<RunningContainer | undefined> {
  const how = await Promise.race([running.exit, sleep(LEAVES_MS, undefined, { ref: false })]);
  if (how?.kind === 'exited' && how.exitCode === NO_JOB_EXIT_CODE) {
    await removeUnused(container);
    return undefined;
  }
  for (;;) {
    const adopted = await adopt(container.id).catch(() => undefined);
    if (adopted === 'unused') return undefined;
    if (adopted) return adopted === 'gone' ? running : adopted;
    await sleep(RETRY_MS, undefined, { ref: false });
  }
}

function programInput(socket: Duplex): ProgramInput {
  return {
    write: (data) => new Promise((resolve) => (socket.writable ? void socket.write(data, () => resolve()) : resolve())),
    end: () => void socket.end(),
    get isEnded() {
      return !socket.writable;
    },
  };
}
