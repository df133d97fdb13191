import type { ContainerCreateOptions } from 'dockerode';
import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../../../src/engine/container-engine.ts';
import { canHaveNetwork, containerOptions, type EngineTraits } from '../../../../src/engine/docker/container-options.ts';

const MIB = 1024 * 1024;
const TRAITS: EngineTraits = {
  instance: 'inst_1',
  cpus: 4,
  cgroupVersion: 2,
  cgroupDriver: 'systemd',
  imageReference: (image) => `coracle/${image}:latest`,
  defaultRuntime: 'runc',
  workspaceBytes: 512 * MIB,
  resolvers: ['203.0.113.53'],
  gvisorRuntimes: ['runsc'],
};
const SPEC: ContainerSpec = {
  scope: { tenant: 'acme', sandbox: 'default' },
  image: 'python',
  sandboxId: 'sbx_1',
  uid: 20_007,
  limits: { memoryBytes: 256 * MIB, cpus: 1.5, pids: 128, tmpBytes: 64 * MIB },
};
const HOSTILE: ContainerSpec = {
  ...SPEC,
  scope: { tenant: 'evil|HostConfig:privileged', sandbox: 'evil-sandbox' },
};
const SMALL: ContainerSpec = { ...SPEC, uid: 59_999, limits: { memoryBytes: 16 * MIB, cpus: 0.1, pids: 8, tmpBytes: MIB } };

const NETWORKED: ContainerSpec = { ...SPEC, network: 'internet' };

const SPECS = { 'an ordinary container': SPEC, 'a hostile tenant': HOSTILE, 'one of small limits': SMALL, 'one with a network': NETWORKED };
const ASKED = [undefined, null, 'runc', 'runsc', 'kata'];
const ENGINES = [1, 2].flatMap((cgroupVersion) => ['runc', 'runsc'].map((defaultRuntime) => ({ ...TRAITS, cgroupVersion, defaultRuntime }) as EngineTraits));

/** Every combination of whose it is, what it asks for, and what the engine is like. */
const INPUTS = Object.entries(SPECS).flatMap(([name, spec]) =>
  ASKED.flatMap((runtime) =>
    ENGINES.map((traits) => ({
      title: `${name} (runtime ${runtime}) on cgroup v${traits.cgroupVersion} and ${traits.defaultRuntime}`,
      spec: (runtime === undefined ? spec : { ...spec, runtime }) as ContainerSpec,
      traits,
      runtime: runtime ?? traits.defaultRuntime,
    })),
  ),
);

function hostConfigOf(spec: ContainerSpec, traits = TRAITS): NonNullable<ContainerCreateOptions['HostConfig']> {
  return containerOptions(spec, traits).HostConfig ?? {};
}

test.each(INPUTS)('$title is isolated', ({ spec, traits }) => {
  const options = containerOptions(spec, traits);
  expect(options).toMatchObject({ User: `${spec.uid}:${spec.uid}`, Tty: false, StopSignal: 'SIGTERM', Hostname: 'sandbox', Env: [] });
  expect(options).toMatchObject({ Entrypoint: [], Cmd: ['/opt/coracle/launch'], OpenStdin: true, StdinOnce: true, Image: 'coracle/python:latest' });
  expect(options.HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true', expect.stringMatching(/^seccomp=\{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,/)],
    Init: true,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    OomScoreAdj: 1000,
  });
  expect(options.HostConfig?.LogConfig).toMatchObject({ Type: 'local', Config: { 'max-size': '16m', 'max-file': '3' } });
});

test.each(INPUTS)('$title has no network but its own', ({ spec, traits }) => {
  const { NetworkDisabled, HostConfig = {} } = containerOptions(spec, traits);
  const { NetworkMode, Dns, DnsSearch } = HostConfig;
  if (spec.network)
    expect({ NetworkDisabled, NetworkMode, Dns, DnsSearch }).toEqual({
      NetworkDisabled: false,
      NetworkMode: 'coracle-sbx_1',
      Dns: ['203.0.113.53'],
      DnsSearch: ['.'],
    });
  else
    expect({ NetworkDisabled, NetworkMode, Dns, DnsSearch }).toEqual({ NetworkDisabled: true, NetworkMode: 'none', Dns: ['127.0.0.1'], DnsSearch: undefined });
});

test.each([
  [undefined, 'runc', true],
  [null, 'runc', true],
  ['kata', 'runc', true],
  ['runsc', 'runc', false],
  [null, 'runsc', false],
  ['runc', 'runsc', true],
])('a container with runtime %s, where %s is the default, can have a network: %s', (runtime, defaultRuntime, can) => {
  expect(canHaveNetwork(runtime === undefined ? {} : { runtime }, { defaultRuntime, gvisorRuntimes: ['runsc'] })).toBe(can);
});

test.each(INPUTS)('$title has nothing of the host', ({ spec, traits }) => {
  const host = hostConfigOf(spec, traits);
  const openings = [
    'PublishAllPorts',
    'DnsOptions',
    'Privileged',
    'CapAdd',
    'Binds',
    'Devices',
    'DeviceRequests',
    'PidMode',
    'UTSMode',
    'UsernsMode',
    'VolumesFrom',
    'PortBindings',
    'GroupAdd',
  ];
  for (const opening of [...openings, 'ExtraHosts', 'Links', 'Sysctls', 'StorageOpt', 'DeviceCgroupRules', 'KernelMemory', 'Isolation'])
    expect(host).not.toHaveProperty(opening);
  expect(host.Mounts?.map(({ Type }) => Type)).toEqual(['volume', 'volume']);
});

test.each(INPUTS)('$title cannot read or write what tells of the host', ({ spec, traits }) => {
  const host = hostConfigOf(spec, traits);
  const masked = ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/interrupts', '/proc/acpi', '/sys/firmware', '/sys/devices/virtual/powercap'];
  expect(host.MaskedPaths).toEqual(expect.arrayContaining(masked));
  expect(host.ReadonlyPaths).toEqual(expect.arrayContaining(['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs']));
});

test.each(INPUTS)('$title is limited in everything that a machine has', ({ spec, traits, runtime }) => {
  const { memoryBytes, cpus, tmpBytes } = spec.limits;
  const pids = runtime === 'runsc' ? 512 : spec.limits.pids;
  const host = hostConfigOf(spec, traits);
  expect(host).toMatchObject({ Memory: memoryBytes, MemorySwap: memoryBytes, NanoCpus: cpus * 1e9, PidsLimit: pids, ShmSize: 64 * MIB });
  expect(host.Ulimits?.map(({ Name }) => Name).sort()).toEqual(['core', 'fsize', 'memlock', 'msgqueue', 'nofile', 'sigpending']);
  expect(host.Ulimits?.find(({ Name }) => Name === 'fsize')?.Hard).toBe(traits.workspaceBytes);
  for (const { Soft, Hard } of host.Ulimits ?? []) expect(Soft).toBe(Hard);
  expect(Object.keys(host.Tmpfs ?? {})).toEqual(['/tmp/coracle']);
  expect(host.Tmpfs?.['/tmp/coracle']?.split(',')).toEqual(expect.arrayContaining(['nosuid', 'nodev', `size=${tmpBytes}`, 'nr_inodes=65536']));
});

test.each(INPUTS)('$title is run by $runtime, and said to be', ({ spec, traits, runtime }) => {
  expect(hostConfigOf(spec, traits).Runtime).toBe(runtime);
});

test('swap is turned off where the engine can say so', () => {
  expect(hostConfigOf(SPEC, { ...TRAITS, cgroupVersion: 1 })).toMatchObject({ MemorySwappiness: 0 });
  expect(hostConfigOf(SPEC, TRAITS)).not.toHaveProperty('MemorySwappiness');
});

test.each<{ driver: EngineTraits['cgroupDriver']; parent: unknown }>([
  { driver: 'systemd', parent: { CgroupParent: expect.stringMatching(/^coracle-[0-9a-f]{24}\.slice$/) } },
  { driver: 'cgroupfs', parent: { CgroupParent: expect.stringMatching(/^\/coracle\/[0-9a-f]{24}$/) } },
])('with $driver the containers of a tenant are in one cgroup, and no other’s', ({ driver: cgroupDriver, parent }) => {
  const parentOf = (tenant: string, instance = TRAITS.instance, sandboxId = SPEC.sandboxId) =>
    hostConfigOf({ ...SPEC, sandboxId, scope: { tenant, sandbox: sandboxId } }, { ...TRAITS, instance, cgroupDriver }).CgroupParent;
  expect(hostConfigOf(HOSTILE, { ...TRAITS, cgroupDriver })).toMatchObject(parent as object);
  expect(parentOf('acme', 'inst_1', 'sbx_2')).toBe(parentOf('acme'));
  expect(new Set([parentOf('acme'), parentOf('globex'), parentOf('acme', 'inst_2')]).size).toBe(3);
});

test('an engine that can put containers nowhere is not told to', () => {
  expect(hostConfigOf(SPEC, { ...TRAITS, cgroupDriver: null })).not.toHaveProperty('CgroupParent');
});

test('no container gets more CPUs than the machine has', () => {
  const limits = { ...SPEC.limits, cpus: 64 };
  expect(hostConfigOf({ ...SPEC, limits }).NanoCpus).toBe(4e9);
});

test('the workspace and /tmp are volumes of the sandbox, marked as ours', () => {
  const [mount, tmp] = hostConfigOf(SPEC).Mounts ?? [];
  expect(tmp).toEqual({ ...mount, Source: 'coracle-sbx_1-tmp', Target: '/tmp' });
  expect(mount).toMatchObject({ Type: 'volume', Source: 'coracle-sbx_1', Target: '/workspace', ReadOnly: false });
  expect(mount?.VolumeOptions?.DriverConfig).toEqual({ Name: 'local', Options: {} });
  expect(mount?.VolumeOptions?.Labels).toEqual({ 'coracle.instance': 'inst_1', 'coracle.sandbox': 'sbx_1', 'coracle.tenant': 'acme' });
});

test('a sandbox with a filesystem of its own has both folders there, and nothing else is different', () => {
  const at = { Type: 'bind', ReadOnly: false };
  const { Mounts, ...others } = containerOptions(SPEC, TRAITS, '/run/coracle/inst_1/sbx_1').HostConfig ?? {};
  expect(Mounts).toEqual(['/workspace', '/tmp'].map((folder) => ({ ...at, Source: `/run/coracle/inst_1/sbx_1${folder}`, Target: folder })));
  const { Mounts: _, ...usual } = hostConfigOf(SPEC);
  expect(others).toEqual(usual);
});

test('the container is labelled with whose it is', () => {
  const { Labels } = containerOptions(SPEC, TRAITS);
  expect(Labels).toEqual({ 'coracle.instance': 'inst_1', 'coracle.sandbox': 'sbx_1', 'coracle.tenant': 'acme' });
});

test('a container that is made for a request says for which', () => {
  const { Labels } = containerOptions({ ...SPEC, requestId: 'req_1' }, TRAITS);
  expect(Labels).toEqual({ 'coracle.instance': 'inst_1', 'coracle.sandbox': 'sbx_1', 'coracle.tenant': 'acme', 'coracle.request': 'req_1' });
});

test("nothing of a tenant's text is anywhere but in the values of labels", () => {
  const found = placesOf(containerOptions(HOSTILE, TRAITS), /evil/i);
  expect(found.sort()).toEqual([0, 1].map((mount) => `HostConfig/Mounts/${mount}/VolumeOptions/Labels/coracle.tenant`).concat('Labels/coracle.tenant'));
});

/** The paths of all keys and texts in `value` that match. */
function placesOf(value: unknown, pattern: RegExp, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return pattern.test(`${value}`) ? [path.join('/')] : [];
  return Object.entries(value).flatMap(([key, child]) => [
    ...(pattern.test(key) ? [[...path, key].join('/')] : []),
    ...placesOf(child, pattern, [...path, key]),
  ]);
}
