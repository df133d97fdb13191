import { randomUUID } from 'node:crypto';
import type { ContainerCreateOptions } from 'dockerode';
import { afterAll, describe, expect, it } from 'vitest';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { readTraits } from '../../src/engine/docker/docker-engine.ts';
import { volumeNames } from '../../src/engine/docker/labels.ts';
import { docker } from '../support/docker.ts';
import { imageReference } from '../support/images.ts';

/**
 * Each option of a container alone: a program for which it makes a difference, with all options and with all but that one. Where the second comes out like
 * the first, the option does nothing here, and nobody would notice when it is lost.
 */
type HostConfig = NonNullable<ContainerCreateOptions['HostConfig']>;
type Options = ContainerCreateOptions & { HostConfig: HostConfig };

const MIB = 1024 * 1024;
const sandboxId = `test-${randomUUID()}`;
const spec = {
  scope: { tenant: 'options', sandbox: 'default' },
  image: 'bash',
  sandboxId,
  uid: 20_123,
  limits: { memoryBytes: 64 * MIB, cpus: 0.25, pids: 32, tmpBytes: 8 * MIB },
};

async function optionsInForce(): Promise<Options> {
  const traits = await readTraits({ docker, instance: sandboxId, imageReference, workspaceBytes: 16 * MIB });
  return containerOptions(spec, { ...traits, defaultRuntime: 'runc' }) as Options;
}

/** What a program prints in a container, without the launcher. */
async function run(options: Options, code: string): Promise<string> {
  const container = await docker.createContainer({ ...options, Cmd: ['/bin/bash', '-c', code], OpenStdin: false, StdinOnce: false, AttachStdin: false });
  try {
    await container.start();
    await container.wait();
    const printed = (await container.logs({ stdout: true, stderr: false })) as unknown as Buffer;
    return textOf(printed);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** Frames of 8 bytes before each piece. */
function textOf(frames: Buffer): string {
  if (frames.length < 8) return '';
  const end = 8 + frames.readUInt32BE(4);
  return frames.subarray(8, end).toString() + textOf(frames.subarray(end));
}

/** The host's part of the options, with some of it changed; `undefined` leaves an option out. */
const host =
  (change: (config: HostConfig) => Partial<Record<keyof HostConfig | 'CgroupnsMode', unknown>>): Change =>
  (options) => ({ ...options, HostConfig: { ...options.HostConfig, ...change(options.HostConfig) } as HostConfig });
const drop = (...names: (keyof HostConfig)[]) => host(() => Object.fromEntries(names.map((name) => [name, undefined])));
const dropUlimit = (ulimit: string) => host(({ Ulimits = [] }) => ({ Ulimits: Ulimits.filter(({ Name }) => Name !== ulimit) }));
const dropSecurity = (prefix: string) => host(({ SecurityOpt = [] }) => ({ SecurityOpt: SecurityOpt.filter((option: string) => !option.startsWith(prefix)) }));

type Change = (options: Options) => Options;

interface Row {
  readonly option: string;
  readonly without: Change;
  /** Done to both. */
  readonly beside?: Change;
  /** Prints the same word every time. */
  readonly code: string;
  readonly held: RegExp;
}

const ROWS: readonly Row[] = [
  { option: 'User', without: (options) => ({ ...options, User: '0:0' }), code: 'id -u', held: /^20123$/m },
  { option: 'Hostname', without: ({ Hostname: _, ...options }) => options, code: 'hostname', held: /^sandbox$/m },
  {
    option: 'NetworkMode and NetworkDisabled',
    without: (options) => ({ ...options, NetworkDisabled: false, HostConfig: { ...options.HostConfig, NetworkMode: 'bridge' } }),
    code: 'grep -c eth0 /proc/net/dev; true',
    held: /^0$/m,
  },
  {
    // With NetworkDisabled engine 20.10 writes no resolver at all, so there it makes a difference only without that.
    option: 'Dns',
    beside: (options) => ({ ...options, NetworkDisabled: false }),
    without: drop('Dns'),
    code: 'grep -v "^#" /etc/resolv.conf | grep -c "nameserver 127.0.0.1"; true',
    held: /^1$/m,
  },
  { option: 'ReadonlyRootfs', without: drop('ReadonlyRootfs'), code: 'touch /var/tmp/x 2>/dev/null && echo written || echo held', held: /^held$/m },
  { option: 'CapDrop', without: drop('CapDrop'), code: 'sed -n "s/^CapBnd:\\t//p" /proc/self/status', held: /^0000000000000000$/m },
  { option: 'no-new-privileges', without: dropSecurity('no-new-privileges'), code: 'sed -n "s/^NoNewPrivs:\\t//p" /proc/self/status', held: /^1$/m },
  {
    option: 'seccomp',
    without: dropSecurity('seccomp='),
    code: 'perl -e \'syscall(101, 0, 0, 0, 0) == 0 ? print "traced\\n" : print "held\\n"\'',
    held: /^held$/m,
  },
  { option: 'Init', without: drop('Init'), code: 'cat /proc/1/comm', held: /^docker-init$/m },
  {
    option: 'IpcMode',
    without: host(() => ({ IpcMode: 'host' })),
    code: 'test -e /dev/shm && ls -A /dev/shm | wc -l; stat -f -c %b /dev/shm',
    held: /^0\n16384\n$/,
  },
  {
    option: 'ShmSize',
    without: host(() => ({ ShmSize: 256 * MIB })),
    code: 'df -m --output=size /dev/shm | tail -1 | tr -d " "',
    held: /^64$/m,
  },
  {
    option: 'CgroupnsMode',
    without: host(() => ({ CgroupnsMode: 'host' })),
    code: 'cut -d: -f3 /proc/self/cgroup | grep -cE "docker|coracle"; true',
    held: /^0$/m,
  },
  { option: 'MaskedPaths', without: host(() => ({ MaskedPaths: [] })), code: 'head -c 1 /proc/interrupts | wc -c', held: /^0$/m },
  {
    option: 'Memory and MemorySwap',
    without: drop('Memory', 'MemorySwap', 'MemorySwappiness'),
    code: 'perl -e \'my $m = 128; my $h = "x" x ($m << 20); print "all\\n"\' || echo held',
    held: /^held$/m,
  },
  {
    option: 'NanoCpus',
    without: drop('NanoCpus'),
    code: 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d" " -f1 /sys/fs/cgroup/cpu.max',
    held: /^25000$/m,
  },
  {
    option: 'PidsLimit',
    without: drop('PidsLimit'),
    code: 'perl -e \'my $n = 0; for (1 .. 64) { my $p = fork; last unless defined $p; if (!$p) { sleep 9; exit } $n++ } print $n < 40 ? "held\\n" : "all\\n"\'',
    held: /^held$/m,
  },
  { option: 'OomScoreAdj', without: drop('OomScoreAdj'), code: 'cat /proc/self/oom_score_adj', held: /^1000$/m },
  { option: 'ulimit nofile', without: dropUlimit('nofile'), code: 'ulimit -Hn', held: /^1024$/m },
  { option: 'ulimit core', without: dropUlimit('core'), code: 'ulimit -Hc', held: /^0$/m },
  {
    option: 'ulimit fsize',
    without: dropUlimit('fsize'),
    code: 'trap "" XFSZ; truncate -s 1G /workspace/sparse 2>/dev/null && echo all || echo held; rm -f /workspace/sparse',
    held: /^held$/m,
  },
  { option: 'ulimit msgqueue', without: dropUlimit('msgqueue'), code: 'ulimit -Hq', held: /^0$/m },
  { option: 'ulimit sigpending', without: dropUlimit('sigpending'), code: 'ulimit -Hi', held: /^1024$/m },
  {
    option: 'Tmpfs size',
    without: host(() => ({ Tmpfs: { '/tmp/coracle': 'rw,mode=1777' } })),
    code: 'df -m --output=size /tmp/coracle | tail -1 | tr -d " "',
    held: /^8$/m,
  },
  {
    option: 'Tmpfs nosuid,nodev',
    without: host(() => ({ Tmpfs: { '/tmp/coracle': 'rw,suid,dev,mode=1777' } })),
    code: 'grep " /tmp/coracle " /proc/mounts | grep -c nosuid,nodev; true',
    held: /^1$/m,
  },
  {
    option: 'Tmpfs nr_inodes',
    without: host(() => ({ Tmpfs: { '/tmp/coracle': 'rw,size=8388608,mode=1777' } })),
    code: 'df --output=itotal /tmp/coracle | tail -1 | tr -d " "',
    held: /^65536$/m,
  },
  { option: 'Mounts', without: drop('Mounts'), code: 'touch /workspace/x 2>/dev/null && echo kept || echo lost', held: /^kept$/m },
];

describe('without one option alone, containers are less', () => {
  afterAll(async () => {
    for (const { name } of volumeNames(sandboxId))
      await docker
        .getVolume(name)
        .remove({ force: true })
        .catch(() => undefined);
  });

  it.each(ROWS)('$option', async ({ without, beside = (options) => options, code, held }) => {
    const full = beside(await optionsInForce());
    const less = without(full);
    expect(await run(full, code)).toMatch(held);
    expect(await run(less, code)).not.toMatch(held);
  });
});
