import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { CoracleError } from '../../errors.ts';
import type { ContainerEngine, ContainerSummary, EngineInfo, PreparedContainer } from '../container-engine.ts';
import { createAdopt } from './adopt.ts';
import { cgroupDriverOf } from './cgroups.ts';
import { canHaveNetwork, type EngineTraits } from './container-options.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { NO_DISK, type SandboxDisk } from './disk/sandbox-disk.ts';
import { createDiskUse } from './disk-use.ts';
import { statusOf, translate } from './errors.ts';
import { CONTAINER_PREFIX, LABEL } from './labels.ts';
import { createNetworks, type Egress } from './networks.ts';
import { prepareContainer } from './prepare.ts';
import { removeContainer } from './running.ts';
import { runtimeTraits } from './runtimes.ts';
import { createVolumes } from './volumes.ts';

const GIB = 1024 ** 3;

export interface DockerEngineOptions {
  readonly docker: Docker;
  /** This server's mark on its containers and volumes. */
  readonly instance: string;
  readonly imageReference: (image: string) => string;
  /** Most that a sandbox's workspace may take on disk; 1 GiB by default. */
  readonly workspaceBytes?: number;
  /** Most that each sandbox of a tenant may take, when that is less. */
  readonly workspaceBytesOf?: (tenant: string) => number;
  /** What sandboxes have in place of volumes, so that the host bounds them; nothing by default. */
  readonly disk?: SandboxDisk;
  /** Without it no container gets a network. */
  readonly egress?: Egress;
}

/** The engine port on Docker Engine 20.10 or later, cgroup v1 or v2. It connects when it is first used. */
export function createDockerEngine(options: DockerEngineOptions): ContainerEngine {
  const { docker, instance, disk = NO_DISK, workspaceBytes = GIB, workspaceBytesOf = () => workspaceBytes } = options;
  const traits = rememberTraits(options);
  const networks = createNetworks(options);
  const adopt = createAdopt(options);
  /** Names of the containers that are being made, or that wait for their job. */
  const unused = new Set<string>();
  return {
    hasReady: () => false,
    async prepare(spec, signal) {
      const name = CONTAINER_PREFIX + randomBytes(9).toString('hex');
      const release = () => void unused.delete(name);
      unused.add(name);
      try {
        const known = await traits();
        const folder = await disk.ensure(spec.sandboxId, Math.min(workspaceBytes, workspaceBytesOf(spec.scope.tenant)), spec.image);
        const given = canHaveNetwork(spec, known) ? await networks.provide(spec) : { ...spec, network: undefined };
        return releasing(await prepareContainer({ docker, spec: given, traits: known, name, signal, folder, adopt }), release);
      } catch (error) {
        release();
        throw error;
      }
    },
    adopt,
    list: () => listContainers(docker, instance, unused),
    remove: (containerId) => removeContainer(docker.getContainer(containerId)),
    ...createVolumes({ docker, instance, disk }),
    listNetworks: networks.listNetworks,
    removeNetwork: networks.removeNetwork,
    guardNetworks: networks.guardNetworks,
    diskUse: createDiskUse(docker, disk),
    ping: () => ping(docker),
  };
}

/** Calls `release` as soon as the container is given its job, or is no more. */
function releasing(container: PreparedContainer, release: () => void): PreparedContainer {
  void container.died.then(release);
  return {
    ...container,
    begin(job) {
      release();
      return container.begin(job);
    },
    async remove() {
      await container.remove();
      release();
    },
  };
}

/** What the engine is like, as far as the options of a container depend on it. */
export async function readTraits({ docker, instance, imageReference, workspaceBytes = GIB, egress }: DockerEngineOptions): Promise<EngineTraits> {
  const info = await withDeadline(docker.info(), { ms: QUICK_MS, what: 'ask for its traits' });
  const cgroups = { cgroupVersion: info.CgroupVersion === '2' ? 2 : 1, cgroupDriver: cgroupDriverOf(info) } as const;
  return { instance, imageReference, workspaceBytes, resolvers: egress?.resolvers ?? [], cpus: info.NCPU, ...cgroups, ...runtimeTraits(info) };
}

/** What the engine is like does not change while it runs; it is asked again only after a failure. */
function rememberTraits(options: DockerEngineOptions): () => Promise<EngineTraits> {
  let known: Promise<EngineTraits> | undefined;
  return async () => {
    known ??= readTraits(options);
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw translate(error);
    }
  };
}

async function listContainers(docker: Docker, instance: string, unused: ReadonlySet<string>): Promise<ContainerSummary[]> {
  const listed = docker.listContainers({ all: true, filters: { label: [`${LABEL.instance}=${instance}`] } });
  const containers = await withDeadline(listed, { ms: QUICK_MS, what: 'list containers' }).catch((error) => {
    throw translate(error);
  });
  // The engine puts a slash before every name.
  const used = containers.filter(({ Names }) => !Names.some((name) => unused.has(name.slice(1))));
  return used.map(({ Id, Created, Labels }) => ({ id: Id, sandboxId: Labels[LABEL.sandbox] ?? '', createdAt: Created * 1000 }));
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
