import { expect, it } from 'vitest';
import { isKilled, judgeProbe, type ProbeExpectation, type ProbeReport, parseProbe } from '../../../src/doctor/probe.ts';

const EXPECTED: ProbeExpectation = { uid: 19_999, pids: 32, memoryMb: 128, isGvisor: false, place: { by: 'filesystem', megabytes: 64 } };
const REPORT: ProbeReport = {
  uid: 19_999,
  gid: 19_999,
  capabilities: '0000000000000000',
  noNewPrivileges: '1',
  seccomp: '2',
  interfaces: ['lo', 'tunl0'],
  isRootWritable: false,
  workspace: '/dev/loop3 ext4 rw,nosuid,nodev,noatime',
  workspaceMb: 60,
  children: 20,
  memorySignal: 9,
};
const BY_ENGINE = { by: 'engine', megabytes: 64 } as const;
const dangers = (report: Partial<ProbeReport>, expected: Partial<ProbeExpectation> = {}, oomKilled = false) =>
  judgeProbe({ ...REPORT, ...report }, { ...EXPECTED, ...expected }, oomKilled)
    .filter(({ level }) => level === 'dangerous')
    .map(({ check }) => check);

it.each<{ title: string; report: Partial<ProbeReport>; expected?: Partial<ProbeExpectation>; oomKilled?: boolean; found: string[] }>([
  { title: 'as it should be', report: {}, found: [] },
  { title: 'root', report: { uid: 0 }, found: ['probe.user'] },
  { title: 'in the group of root', report: { gid: 0 }, found: ['probe.user'] },
  { title: 'with capabilities', report: { capabilities: '00000000a80425fb' }, found: ['probe.capabilities'] },
  { title: 'of which nobody knows the capabilities', report: { capabilities: '' }, found: ['probe.capabilities'] },
  { title: 'that may get more rights', report: { noNewPrivileges: '0' }, found: ['probe.privileges'] },
  { title: 'without seccomp', report: { seccomp: '0' }, found: ['probe.filter'] },
  { title: 'with a root that can be written', report: { isRootWritable: true }, found: ['probe.root'] },
  { title: 'with a network', report: { interfaces: ['lo', 'eth0'] }, found: ['probe.network'] },
  { title: 'with all the processes it wants', report: { children: 64 }, found: ['probe.processes'] },
  { title: 'with all the memory it wants', report: { memorySignal: 0 }, found: ['probe.memory'] },
  { title: "with a workspace on its host's disk", report: { workspace: '/dev/vda ext4 rw,relatime' }, found: ['probe.workspace'] },
  { title: 'with a workspace of the engine where that is all there is', report: { workspace: '/dev/vda ext4 rw' }, expected: { place: undefined }, found: [] },
  { title: "with a workspace that the engine's quota bounds", report: { workspace: '/dev/vda ext4 rw' }, expected: { place: BY_ENGINE }, found: [] },
  { title: 'whose quota does nothing', report: { workspaceMb: 9000 }, expected: { place: BY_ENGINE }, found: ['probe.workspace'] },
  { title: 'whose quota cannot be told', report: { workspaceMb: 0 }, expected: { place: BY_ENGINE }, found: ['probe.workspace'] },
  { title: 'with setuid programs in its workspace', report: { workspace: '/dev/loop3 ext4 rw,nodev' }, found: ['probe.workspace'] },
  {
    title: 'of gVisor, which ends as one',
    report: { noNewPrivileges: '', seccomp: '', children: 4 },
    expected: { isGvisor: true },
    oomKilled: true,
    found: [],
  },
  {
    title: 'of gVisor without a limit',
    report: { noNewPrivileges: '', seccomp: '', children: 4, memorySignal: 0 },
    expected: { isGvisor: true },
    found: ['probe.memory'],
  },
])('a container $title', ({ report, expected, oomKilled, found }) => {
  expect(dangers(report, expected, oomKilled)).toEqual(found);
});

it('a container that ended with its last attempt has told the rest', () => {
  const { memorySignal, ...rest } = REPORT;
  expect(parseProbe(`${JSON.stringify(rest)}\n`)).toEqual(rest);
  expect(parseProbe(`${JSON.stringify(rest)}\n9\n`)).toEqual({ ...rest, memorySignal });
});

it.each([
  ['that the engine says lacked memory', { kind: 'exited', exitCode: 1, oomKilled: true, endedAt: null }, true],
  ['that was killed, and the engine has missed why', { kind: 'exited', exitCode: 137, oomKilled: false, endedAt: null }, true],
  ['that ended by itself', { kind: 'exited', exitCode: 0, oomKilled: false, endedAt: null }, false],
  ['that is gone', { kind: 'vanished', reason: 'removed' }, false],
  ['that never ran', undefined, false],
] as const)('a container %s', (_title, exit, expected) => {
  expect(isKilled(exit)).toBe(expected);
});
