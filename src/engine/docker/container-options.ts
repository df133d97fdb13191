import type { ContainerCreateOptions } from 'dockerode';
import type { ContainerSpec } from '../container-engine.ts';
import { type CgroupDriver, cgroupOf } from './cgroups.ts';
import { containerLabels, LABEL, networkName, SHARED_FOLDERS, volumeNames } from './labels.ts';
import { SECCOMP_PROFILE } from './seccomp.ts';

export interface EngineTraits {
  /** This server's mark on what it owns. */
  readonly instance: string;
  readonly cpus: number;
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: CgroupDriver;
  /** Most that a sandbox's workspace may take on disk, and so the size of the largest file. */
  readonly workspaceBytes: number;
  /** What runs a container that names no runtime. */
  readonly defaultRuntime: string;
  /** Which of its runtimes are gVisor. */
  readonly gvisorRuntimes: readonly string[];
  /** What containers with a network ask for names. */
  readonly resolvers: readonly string[];
  /** Turns a language image's name into the engine's reference. */
  readonly imageReference: (image: string) => string;
}

const MIB = 1024 * 1024;
/** Of the engine's log of a container: when one is full, the oldest goes. */
export const LOG_FILES = { megabytes: 16, count: 3 };
const GVISOR_PIDS = 512;
const LAUNCHER = '/opt/coracle/launch';

/** Replaces the engine's own list, which before 28 left some of these readable. */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/**
 * The whole body of the engine's create call: every hardening option is here and nowhere else. It is built from constants and checked numbers; what a
 * tenant wrote never enters it but as a label's value (the engine reads keys in any case and the last one wins, so nothing is merged in).
 * `folder` is the one on the host in which `workspace` and `tmp` of the sandbox lie; they are volumes of the engine's own when absent.
 * Job, environment and code travel through standard input: strings of 128 KiB in argv or env would fail inside the container.
 */
export function containerOptions(spec: ContainerSpec, traits: EngineTraits, folder?: string): ContainerCreateOptions {
  return {
    Image: traits.imageReference(spec.image),
    Entrypoint: [],
    Cmd: [LAUNCHER],
    Env: [],
    User: `${spec.uid}:${spec.uid}`,
    WorkingDir: '/workspace',
    Hostname: 'sandbox',
    Labels: containerLabels(traits.instance, spec),
    StopSignal: 'SIGTERM',
    Tty: false,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    NetworkDisabled: spec.network !== 'internet',
    HostConfig: { Runtime: runtimeOf(spec, traits), ...network(spec, traits), ...isolation(), ...resources(spec, traits), ...storage(spec, traits, folder) },
  };
}

/** The published types lack what the engine has known since API 1.41. */
type HostConfig = NonNullable<ContainerCreateOptions['HostConfig']> & { CgroupnsMode?: 'private' | 'host' };

/** Always said, so that what a container gets does not change with the engine's settings while it is made. */
function runtimeOf({ runtime }: Pick<ContainerSpec, 'runtime'>, { defaultRuntime }: Pick<EngineTraits, 'defaultRuntime'>): string {
  return runtime ?? defaultRuntime;
}

/** gVisor's own network stack does not reach the engine's resolver, and the runtime may be set to give it no network. */
export function canHaveNetwork(spec: Pick<ContainerSpec, 'runtime'>, traits: Pick<EngineTraits, 'defaultRuntime' | 'gvisorRuntimes'>): boolean {
  return !traits.gvisorRuntimes.includes(runtimeOf(spec, traits));
}

/** Never the engine's default bridge. The resolvers are said in any case: without, the host's resolv.conf is copied in, even with no network. */
function network({ network, sandboxId }: ContainerSpec, { resolvers }: EngineTraits): HostConfig {
  if (network !== 'internet') return { NetworkMode: 'none', Dns: ['127.0.0.1'] };
  // The engine's own resolver answers, and asks these from within the container's network. The dot is for none of the host's search domains.
  return { NetworkMode: networkName(sandboxId), Dns: [...resolvers], DnsSearch: ['.'] };
}

function isolation(): HostConfig {
  return {
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true', `seccomp=${SECCOMP_PROFILE}`],
    // PID 1 ignores signals that it has no handler for: without an init every kill would take the whole grace period.
    Init: true,
    // Python's multiprocessing needs semaphores in /dev/shm, so "none" is too little.
    IpcMode: 'private',
    CgroupnsMode: 'private',
    MaskedPaths: MASKED_PATHS,
    ReadonlyPaths: READONLY_PATHS,
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    // json-file is not exact to the byte. The bound is above the output that is kept by default, so that a restart finds all of it.
    LogConfig: { Type: 'local', Config: { 'max-size': `${LOG_FILES.megabytes}m`, 'max-file': String(LOG_FILES.count), compress: 'false' } },
  };
}

type Limited = Pick<ContainerSpec, 'limits' | 'runtime'>;

/** The limits that can be changed after a container was made, as the engine's create and update calls take them. */
export function changeableLimits(spec: Limited, traits: EngineTraits) {
  const { memoryBytes, cpus } = spec.limits;
  return {
    Memory: memoryBytes,
    // Memory and swap together: Memory alone would allow twice as much on a host with swap.
    MemorySwap: memoryBytes,
    NanoCpus: Math.round(Math.min(cpus, traits.cpus) * 1e9),
    PidsLimit: pidsLimit(spec, traits),
  };
}

function resources(spec: ContainerSpec, traits: EngineTraits): HostConfig {
  return {
    ...changeableLimits(spec, traits),
    ...(traits.cgroupVersion === 1 ? { MemorySwappiness: 0 } : {}),
    // Else the CPUs would be divided between containers, and go to the tenant that has most of them.
    ...(traits.cgroupDriver ? { CgroupParent: cgroupOf(traits.cgroupDriver, traits.instance, spec.scope.tenant) } : {}),
    OomScoreAdj: 1000,
    Ulimits: [
      { Name: 'nofile', Soft: 1024, Hard: 1024 },
      { Name: 'core', Soft: 0, Hard: 0 },
      // One file is never larger than the workspace may be: a sparse one would cost whoever copies it.
      { Name: 'fsize', Soft: traits.workspaceBytes, Hard: traits.workspaceBytes },
      { Name: 'memlock', Soft: 64 * 1024, Hard: 64 * 1024 },
      { Name: 'msgqueue', Soft: 0, Hard: 0 },
      { Name: 'sigpending', Soft: 1024, Hard: 1024 },
    ],
  };
}

/** gVisor's own threads count, and it does not start with fewer. */
function pidsLimit(spec: Limited, traits: EngineTraits): number {
  return traits.gvisorRuntimes.includes(runtimeOf(spec, traits)) ? Math.max(GVISOR_PIDS, spec.limits.pids) : spec.limits.pids;
}

function storage(spec: ContainerSpec, traits: EngineTraits, folder: string | undefined): HostConfig {
  return {
    ShmSize: 64 * MIB,
    // For the code itself: two processes of a sandbox must not meet in it.
    Tmpfs: { '/tmp/coracle': `rw,exec,nosuid,nodev,size=${spec.limits.tmpBytes},nr_inodes=65536,mode=1777` },
    Mounts: folder === undefined ? volumes(spec, traits) : binds(folder),
  };
}

type Mounts = NonNullable<HostConfig['Mounts']>;

function volumes({ sandboxId, scope }: ContainerSpec, { instance }: EngineTraits): Mounts {
  const labels = { [LABEL.instance]: instance, [LABEL.sandbox]: sandboxId, [LABEL.tenant]: scope.tenant };
  return volumeNames(sandboxId).map(({ name, target }) => ({
    Type: 'volume',
    Source: name,
    Target: target,
    ReadOnly: false,
    VolumeOptions: { NoCopy: false, Labels: labels, DriverConfig: { Name: 'local', Options: {} } },
  }));
}

/**
 * Of a filesystem that is mounted for the sandbox, whose flags hold in the container, or of a volume that the engine bounds. While it is not there the
 * sources are missing and the engine refuses, so nothing is ever written beside it. No mount of the container leads out: engines bind privately, and in
 * one direction what lies in a folder of their own, for which they refuse to be told. Not volumes on a device: 20.10, when it restarts under containers (live-restore), miscounts
 * who uses them, and never removes them.
 */
function binds(folder: string): Mounts {
  return SHARED_FOLDERS.map((target) => ({
    Type: 'bind',
    Source: `${folder}${target}`,
    Target: target,
    ReadOnly: false,
  }));
}
