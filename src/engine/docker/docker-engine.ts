import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { CoracleError } from '../../errors.ts';
import type { OutputTimes } from '../../output/output-store.ts';
import type { ContainerEngine, ContainerSpec, ContainerSummary, EngineInfo, RunningContainer } from '../container-engine.ts';
import { encodeJob } from '../job.ts';
import { containerOptions, type EngineTraits } from './container-options.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import { statusOf, translate, translateCreate } from './errors.ts';
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
    adopt: (processId, kept) => adopt(options, processId, kept).catch(goneReadsAsUndefined),
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
  return runningContainer({ docker, container, startedAt: Date.now(), stream: socket, isOutputFromStart: true });
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

function goneReadsAsUndefined(error: unknown): undefined {
  if (!(error instanceof ContainerGone)) throw error;
}

async function adopt({ docker, instance }: DockerEngineOptions, processId: string, kept?: OutputTimes): Promise<RunningContainer | undefined> {
  const container = docker.getContainer(containerName(processId));
  const info = await inspectContainer(container);
  if (!info || info.Config.Labels[LABEL.instance] !== instance) return undefined;
  const owned = docker.getContainer(info.Id);
  if (info.State.Status === 'created') {
    await removeContainer(owned);
    return undefined;
  }
  const { stream, isFromStart } = await followLogs(owned, kept);
  return runningContainer({ docker, container: owned, startedAt: Date.parse(info.State.StartedAt), stream, isOutputFromStart: isFromStart });
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
