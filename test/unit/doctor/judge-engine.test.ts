import { expect, it } from 'vitest';
import { judgeEngine } from '../../../src/doctor/judge-engine.ts';
import type { EngineFacts, Wishes } from '../../../src/engine/engine-facts.ts';

const MIB = 1024 * 1024;
const FACTS: EngineFacts = {
  versions: { engine: '29.5.1', containerd: '2.1.0', runc: '1.4.0' },
  cgroupVersion: 2,
  hasTenantCgroups: true,
  storageDriver: 'overlay2',
  logDriver: 'local',
  isRootless: false,
  hasUserNamespaces: true,
  hasSeccomp: true,
  hasLiveRestore: true,
  limits: { memory: true, swap: true, cpu: true, pids: true },
  defaultRuntime: 'runc',
  runtimes: { runc: [], runsc: ['--platform=ptrace', '--network=none'] },
  gvisorRuntimes: ['runsc'],
  missingImages: [],
  clockSkewMs: 200,
  freeBytes: 10_000 * MIB,
};
const WISHES: Wishes = { runtimes: [], leastFreeBytes: 256 * MIB };
const found = (facts: Partial<EngineFacts> = {}, wishes: Partial<Wishes> = {}) =>
  judgeEngine({ ...FACTS, ...facts }, { ...WISHES, ...wishes }).filter(({ level }) => level !== 'good');

it('an engine as it should be has nothing against it', () => {
  expect(found()).toEqual([]);
  expect(found({ freeBytes: undefined, isRootless: true, hasUserNamespaces: false }, { runtimes: ['runc', 'runsc'] })).toEqual([]);
});

it.each<{ title: string; facts?: Partial<EngineFacts>; wishes?: Partial<Wishes>; level: string; remedy: RegExp }>([
  { title: 'rootless on cgroup v1', facts: { isRootless: true, cgroupVersion: 1 }, level: 'dangerous', remedy: /cgroup v2/ },
  { title: 'no memory limit', facts: { limits: { ...FACTS.limits, memory: false } }, level: 'dangerous', remedy: /cgroup_enable=memory/ },
  { title: 'no limit on processes', facts: { limits: { ...FACTS.limits, pids: false } }, level: 'dangerous', remedy: /pids/ },
  { title: 'no limit on swap', facts: { limits: { ...FACTS.limits, swap: false } }, level: 'advice', remedy: /swapaccount=1/ },
  { title: 'no cgroups for tenants', facts: { hasTenantCgroups: false }, level: 'advice', remedy: /systemd or cgroupfs/ },
  { title: 'no seccomp', facts: { hasSeccomp: false }, level: 'dangerous', remedy: /CONFIG_SECCOMP_FILTER/ },
  { title: 'a runtime that is not there', wishes: { runtimes: ['kata'] }, level: 'dangerous', remedy: /"runtimes" in .*daemon.json/ },
  {
    title: 'gVisor out of its cgroup',
    facts: { runtimes: { runsc: ['--ignore-cgroups'] } },
    wishes: { runtimes: ['runsc'] },
    level: 'dangerous',
    remedy: /Remove --ignore-cgroups/,
  },
  {
    title: 'gVisor out of its cgroup, in other words',
    facts: { runtimes: { runsc: ['-ignore-cgroups=true'] } },
    wishes: { runtimes: ['runsc'] },
    level: 'dangerous',
    remedy: /Remove/,
  },
  {
    title: 'a default runtime out of its cgroup',
    facts: { defaultRuntime: 'runsc', runtimes: { runsc: ['--ignore-cgroups'] } },
    level: 'dangerous',
    remedy: /Remove/,
  },
  { title: 'images that lack', facts: { missingImages: ['coracle/go:latest'] }, level: 'advice', remedy: /npm run setup/ },
  { title: 'no user namespaces', facts: { hasUserNamespaces: false }, level: 'advice', remedy: /"userns-remap": "default"/ },
  { title: 'no live-restore', facts: { hasLiveRestore: false }, level: 'advice', remedy: /"live-restore": true/ },
  { title: 'unbounded logs of others', facts: { logDriver: 'json-file' }, level: 'advice', remedy: /"log-driver": "local"/ },
  { title: 'a clock that is off', facts: { clockSkewMs: -60_000 }, level: 'advice', remedy: /NTP/ },
  { title: 'a full disk', facts: { freeBytes: 300 * MIB }, level: 'advice', remedy: /docker system df/ },
])('$title is $level', ({ facts, wishes, level, remedy }) => {
  expect(found(facts, wishes)).toEqual([
    expect.objectContaining({ level, what: expect.any(String), why: expect.stringMatching(/\.$/), remedy: expect.stringMatching(remedy) }),
  ]);
});

it('the arguments of a runtime that nobody may use are no matter', () => {
  expect(found({ runtimes: { runc: [], runsc: ['--ignore-cgroups'] } })).toEqual([]);
});
