import type { ContainerExit } from '../process/outcome.ts';
import { bad, type Finding, good } from './finding.ts';

/** Exit code of what SIGKILL has ended. */
const KILLED = 137;

/** What a container was made with, and what it has to find. */
export interface ProbeExpectation {
  readonly uid: number;
  readonly pids: number;
  readonly memoryMb: number;
  /** gVisor's own kernel: it tells of no seccomp, and is ended as one. */
  readonly isGvisor: boolean;
  /** What its workspace has to be; undefined where it is only counted. */
  readonly place: { readonly by: 'engine' | 'filesystem'; readonly megabytes: number } | undefined;
}

/** What the program in the container found. */
export interface ProbeReport {
  readonly uid: number;
  readonly gid: number;
  readonly capabilities: string;
  readonly noNewPrivileges: string;
  readonly seccomp: string;
  readonly interfaces: readonly string[];
  readonly isRootWritable: boolean;
  /** What its workspace is on, as mounts tell it. */
  readonly workspace: string;
  /** How large it is, in MiB; 0 when it cannot be told. */
  readonly workspaceMb: number;
  /** Children that it got, of twice as many as it may have. */
  readonly children: number;
  /** What became of a child that took twice the memory: a signal, or 0. Absent when the container ended with it. */
  readonly memorySignal?: number;
}

/** Run by perl, which every image has because the launcher is in it; a variable tells how much, because perl would make a constant before it runs anything. It prints one JSON object before it risks its life, and another line after it. */
export function probeProgram({ pids, memoryMb, isGvisor }: ProbeExpectation): string {
  return `use strict; use warnings; $| = 1;
my %status = do { open my $in, '<', '/proc/self/status'; map { /^(\\w+):\\s*(\\S+)/ ? ($1, $2) : () } <$in> };
my @interfaces = do { open my $in, '<', '/proc/net/dev'; map { /^\\s*([\\w.-]+):/ ? $1 : () } <$in> };
my ($workspace) = do { open my $in, '<', '/proc/self/mounts'; map { m{^(\\S+) /workspace (\\S+ \\S+)} ? "$1 $2" : () } <$in> };
my ($size) = qx{df -m --output=size /workspace 2>/dev/null} =~ /(\\d+)/;
my $writable = open(my $out, '>', '/coracle-probe') ? 'true' : 'false';
my @children;
for (1 .. ${isGvisor ? 4 : pids * 2}) { my $child = fork; last unless defined $child; if (!$child) { sleep 60; exit } push @children, $child }
kill 'KILL', @children; waitpid $_, 0 for @children;
my $gid = (split ' ', $()[0];
printf qq({"uid":%d,"gid":%d,"capabilities":"%s","noNewPrivileges":"%s","seccomp":"%s","interfaces":[%s],"isRootWritable":%s,"workspace":"%s","workspaceMb":%d,"children":%d}\\n),
  $<, $gid, $status{CapEff} // '', $status{NoNewPrivs} // '', $status{Seccomp} // '', join(',', map { qq("$_") } @interfaces), $writable, $workspace // '', $size // 0, scalar @children;
my $megabytes = ${memoryMb * 2}; my $hog = fork // exit; if (!$hog) { my $held = 'x' x ($megabytes << 20); exit 0 }
waitpid $hog, 0; printf "%d\\n", $? & 127;
`;
}

export function parseProbe(stdout: string): ProbeReport {
  const [report = '', signal] = stdout.trim().split('\n');
  return { ...JSON.parse(report), ...(signal === undefined ? {} : { memorySignal: Number(signal) }) };
}

interface Expected {
  readonly check: string;
  readonly isSo: boolean;
  readonly so: string;
  readonly not: string;
  readonly why: string;
  readonly remedy?: string;
}

const REPORT_IT = 'The engine does not give containers what it is told to. Look at its log and its settings; run "coracle doctor" again afterwards.';
/** Tunnels that the kernel makes in every network namespace, and which are down. */
const ALWAYS = /^(lo|tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|sit0|ip6tnl0|ip6gre0)$/;

/** Whether the container was ended as one. The engine's own word on that it lacked memory comes too late now and then, and is lost. */
export function isKilled(exit: ContainerExit | undefined): boolean {
  return exit?.kind === 'exited' && (exit.oomKilled || exit.exitCode === KILLED);
}

/** What the container got must be what it was made with. */
export function judgeProbe(report: ProbeReport, expected: ProbeExpectation, wasKilled: boolean): Finding[] {
  const rows = [...rights(report, expected), ...reach(report), ...amounts(report, expected, wasKilled)];
  return rows.map(({ check, isSo, so, not, why, remedy = REPORT_IT }) =>
    isSo ? good(`probe.${check}`, so) : bad('dangerous', `probe.${check}`, { what: not, why, remedy }),
  );
}

function rights(report: ProbeReport, { uid, isGvisor }: ProbeExpectation): Expected[] {
  return [
    {
      check: 'user',
      isSo: report.uid === uid && report.gid === uid,
      so: 'a container runs as the user of its sandbox',
      not: `a container for the user ${uid} runs as ${report.uid}:${report.gid}`,
      why: 'Programs have the rights of another user.',
    },
    {
      check: 'capabilities',
      isSo: /^0+$/.test(report.capabilities),
      so: 'it has no capability',
      not: `its capabilities are ${report.capabilities || 'not known'}`,
      why: 'Capabilities are parts of root.',
    },
    {
      check: 'privileges',
      isSo: isGvisor || report.noNewPrivileges === '1',
      so: 'it cannot get more rights',
      not: 'no-new-privileges is off',
      why: 'Programs with the setuid bit would run as root.',
    },
    {
      check: 'filter',
      isSo: isGvisor || report.seccomp === '2',
      so: isGvisor ? "its kernel is gVisor's" : 'its system calls are filtered',
      not: `its seccomp mode is ${report.seccomp || 'not known'}`,
      why: "Every system call of the host's kernel can be made.",
      remedy: 'Give the engine a kernel and a build with seccomp.',
    },
  ];
}

function reach({ isRootWritable, interfaces }: ProbeReport): Expected[] {
  const others = interfaces.filter((name) => !ALWAYS.test(name));
  return [
    {
      check: 'root',
      isSo: !isRootWritable,
      so: 'its root is read-only',
      not: 'its root can be written',
      why: 'The launcher and the interpreters could be changed, and the disk filled.',
    },
    {
      check: 'network',
      isSo: others.length === 0,
      so: 'it has no network',
      not: `it has the interfaces ${others.join(', ')}`,
      why: 'Programs reach the host, its neighbours and the metadata of the cloud.',
    },
  ];
}

function amounts({ children, memorySignal, ...workspace }: ProbeReport, expected: ProbeExpectation, wasKilled: boolean): Expected[] {
  const { pids, memoryMb, isGvisor, place } = expected;
  return [
    {
      check: 'processes',
      isSo: isGvisor || children < pids,
      so: isGvisor ? "its processes are gVisor's" : 'its processes are limited',
      not: `it got ${children} processes with a limit of ${pids}`,
      why: 'A fork bomb takes the host down.',
      remedy: 'Enable the cgroup controller pids on the host, and let the engine use it.',
    },
    {
      check: 'memory',
      isSo: wasKilled || memorySignal === 9,
      so: 'its memory is limited',
      not: `it got ${memoryMb * 2} MiB with a limit of ${memoryMb} MiB`,
      why: 'One program takes all memory of the host.',
      remedy: 'Enable the cgroup controller memory on the host; for gVisor remove --ignore-cgroups from the runtime.',
    },
    {
      check: 'workspace',
      isSo: isGvisor || isBounded(workspace, place),
      so: place ? PLACES[place.by] : 'its workspace is a volume of the engine, and counted',
      not: `its workspace of ${workspace.workspaceMb} MiB is on ${workspace.workspace || 'nothing that is known'}`,
      why: 'A program can fill the disk of its host.',
    },
  ];
}

const PLACES = { filesystem: 'its workspace is a filesystem of its own', engine: "its workspace is bounded by the engine's quota" };

/** Where a folder has a quota, filesystems tell that for their size. */
function isBounded({ workspace, workspaceMb }: Pick<ProbeReport, 'workspace' | 'workspaceMb'>, place: ProbeExpectation['place']): boolean {
  if (!place) return true;
  return place.by === 'filesystem' ? OWN_DISK.test(workspace) : workspaceMb > 0 && workspaceMb <= place.megabytes;
}

/** A loop device, which gVisor does not show. */
const OWN_DISK = /^\/dev\/loop\d+ ext4 (?=.*\bnosuid\b)(?=.*\bnodev\b)/;
