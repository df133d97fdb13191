import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { CoracleError } from '../../errors.ts';
import type { OutputTimes } from '../../output/output-store.ts';
import type { ContainerEngine, ContainerSpec, ContainerSummary, EngineInfo, RunningContainer } from '../container-engine.ts';
import { encodeJob } from '../job.ts';
import { containerOptions, type EngineTraits } from './container-options.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import { demultiplex } from './demux.ts';
import { statusOf, translate, translateCreate } from './errors.ts';
import { forgottenContainer, isStartBegun } from './forgotten.ts';
import { containerName, LABEL } from './labels.ts';
import { ContainerGone, followLogs } from './logs.ts';
import { removeContainer, runningContainer } from './running.ts';
import { createVolumes } from './volumes.ts';
import { inspectContainer } from './watch-exit.ts';

export interface DockerEngineOptions {
  readonly docker: Docker;
  /** This server's mark on its containers and volumes. */
  readonly instance: string;
  readonly imageReference: (image: string) => string;
}

/** The engine port on Docker Engine 20.10 or later, cgroup v1 or v2. It connects when it is first used. */
export function createDockerEngine(options: DockerEngineOptions): ContainerEngine {
  const { docker, instance } = options;
  const traits = rememberTraits(options);
  return {
    async start(spec, signal) {
      const container = await createContainer(docker, spec, await traits());
      try {
        return await startContainer(docker, container, { spec, signal });
      } catch (error) {
        await removeContainer(container).catch(() => undefined);
        throw error === signal.reason ? error : translate(error);
      }
    },
    adopt: createAdopt(options),
    list: () => listContainers(docker, instance),
    remove: (containerId) => removeContainer(docker.getContainer(containerId)),
    ...createVolumes(docker, instance),
    ping: () => ping(docker),
  };
}

/** What the engine is like does not change while it runs; it is asked again only after a failure. */
function rememberTraits({ docker, instance, imageReference }: DockerEngineOptions): () => Promise<EngineTraits> {
  let known: Promise<EngineTraits> | undefined;
  async function ask(): Promise<EngineTraits> {
    const info = await withDeadline(docker.info(), { ms: QUICK_MS, what: 'ask for its traits' });
    return { instance, imageReference, cpus: info.NCPU, cgroupVersion: info.CgroupVersion === '2' ? 2 : 1 };
  }
  return async () => {
    known ??= ask();
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw translate(error);
    }
  };
}

async function createContainer(docker: Docker, spec: ContainerSpec, traits: EngineTraits): Promise<Container> {
  const created = docker.createContainer(containerOptions(spec, traits));
  const discard = (late: Container) => void removeContainer(late).catch(() => undefined);
  return withDeadline(created, { ms: SLOW_MS, what: 'create a container', discard }).catch((error) => {
    throw translateCreate(error);
  });
}

/** Attached before it starts, so that not a byte is missed; the job is sent ahead and waits for the launcher to read it. */
async function startContainer(docker: Docker, container: Container, { spec, signal }: { spec: ContainerSpec; signal: AbortSignal }): Promise<RunningContainer> {
  signal.throwIfAborted();
  const socket = await attach(container);
  try {
    sendJob(socket, spec);
    signal.throwIfAborted();
    await withDeadline(container.start(), { ms: SLOW_MS, what: 'start a container' });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return runningContainer({ docker, container, startedAt: Date.now(), output: demultiplex(socket), isOutputFromStart: true });
}

async function attach(container: Container): Promise<Duplex> {
  const attached = container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true });
  const discard = (late: NodeJS.ReadWriteStream) => (late as Duplex).destroy();
  return (await withDeadline(attached, { ms: QUICK_MS, what: 'attach to a container', discard })) as Duplex;
}

/** A program that ends before it has read everything breaks the pipe; how it ended is told by its exit, so the error is not ours to report. */
function sendJob(socket: Duplex, { job }: ContainerSpec): void {
  socket.on('error', () => undefined);
  socket.end(encodeJob(job));
}

/** Remembers since when it fails, because what ended meanwhile may have been ended by the engine. */
function createAdopt(options: DockerEngineOptions): ContainerEngine['adopt'] {
  const failingSince = new Map<string, number>();
  return async (processId, kept) => {
    const awaySince = failingSince.get(processId);
    try {
      const adopted = await adopt(options, processId, { kept, awaySince });
      failingSince.delete(processId);
      return adopted;
    } catch (error) {
      if (error instanceof ContainerGone) return undefined;
      failingSince.set(processId, awaySince ?? Date.now());
      throw error;
    }
  };
}

async function adopt(
  { docker, instance }: DockerEngineOptions,
  processId: string,
  { kept, awaySince }: { kept: OutputTimes | undefined; awaySince: number | undefined },
): Promise<RunningContainer | undefined> {
  const found = await inspectContainer(docker.getContainer(containerName(processId)));
  if (!found || found.Config.Labels[LABEL.instance] !== instance) return undefined;
  const owned = docker.getContainer(found.Id);
  const isCreated = found.State.Status === 'created';
  if (isCreated && !(await isStartBegun(owned))) {
    await removeContainer(owned);
    return undefined;
  }
  // A start that is under way shows in the files first, and is over when the engine has answered the next look.
  const info = isCreated ? await inspectContainer(owned) : found;
  if (!info) return undefined;
  if (info.State.Status === 'created') return forgottenContainer(owned);
  const { output, isFromStart } = await followLogs(owned, kept);
  return runningContainer({ docker, container: owned, startedAt: Date.parse(info.State.StartedAt), output, isOutputFromStart: isFromStart, awaySince });
}

async function listContainers(docker: Docker, instance: string): Promise<ContainerSummary[]> {
  const listed = docker.listContainers({ all: true, filters: { label: [`${LABEL.instance}=${instance}`, LABEL.process] } });
  const containers = await withDeadline(listed, { ms: QUICK_MS, what: 'list containers' }).catch((error) => {
    throw translate(error);
  });
  return containers.map(({ Id, Labels, Created }) => ({ id: Id, processId: Labels[LABEL.process] ?? '', createdAt: Created * 1000 }));
}

async function ping(docker: Docker): Promise<EngineInfo> {
  try {
    const info = await withDeadline(docker.info(), { ms: QUICK_MS, what: 'answer a ping' });
    return { version: info.ServerVersion, cpus: info.NCPU, memoryBytes: info.MemTotal };
  } catch (error) {
    if (statusOf(error) === undefined) throw translate(error);
    throw new CoracleError('ENGINE_UNAVAILABLE', 'The container engine answers, but not as an engine should. Check DOCKER_HOST.', error);
  }
}
