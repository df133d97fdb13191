import { hostname, networkInterfaces } from 'node:os';
import { ALL_HELD, type Attack, attack, heldBut } from '../attack.ts';
import type { AbuseCase } from '../case.ts';
import { CANARY } from '../machine.ts';

type Row = Omit<Attack, 'group' | 'answers'> & Partial<Pick<Attack, 'answers'>>;

/** Why gVisor lets some things be. */
const OWN_KERNEL = "namespaces of the sandbox's own kernel, of which the host's knows nothing";

const PROGRAMS: readonly Row[] = [
  { name: 'su, and becoming root in other ways', isInCi: true, program: 'become-root.sh' },
  { name: 'copies with the setuid bit', program: 'setuid-copy.sh' },
  { name: 'capabilities', isInCi: true, program: 'capabilities.sh' },
  { name: 'unshare, nsenter, setns', program: 'namespaces.sh', gvisorAnswers: heldBut('unshare -Ur'), underGvisor: OWN_KERNEL },
  { name: "new namespaces by Go's runtime", program: 'namespaces.go', timeout: 60, gvisorAnswers: heldBut('0x10000000', '0x20000'), underGvisor: OWN_KERNEL },
  { name: 'mount, umount, pivot_root, chroot', isInCi: true, program: 'mounts.sh' },
  { name: 'mknod, /dev/mem, /dev/kvm and other devices', program: 'devices.sh' },
  { name: 'writing to the root and over the launcher', isInCi: true, program: 'write-root.sh', env: { CANARY } },
  { name: 'writes to /proc/sys, core_pattern, sysrq, clock', isInCi: true, program: 'kernel-settings.sh' },
  { name: 'cgroup release_agent and limits', program: 'cgroups.sh' },
  { name: 'what /proc and /sys tell of the host', program: 'masked.sh' },
  { name: '/proc/1/{root,environ,fd}', program: 'init-secrets.sh', env: { CANARY } },
  { name: '/proc/1/mem', program: 'init-memory.py' },
  { name: "the host's name, resolver and socket", program: 'host-names.sh', env: { HOST_NAME: hostname() } },
  { name: 'symbolic and hard links out of the workspace', program: 'symlinks.sh' },
  { name: 'neighbours: processes, files, shared memory', isInCi: true, program: 'neighbours.sh' },
  { name: 'open_by_handle_at, the shocker', program: 'handle.py' },
  { name: 'the gateway, the metadata address, other containers, the internet', isInCi: true, program: 'network.py', env: { TARGETS: targets() } },
  { name: 'raw, packet, AF_ALG, AF_VSOCK and other sockets', program: 'raw-sockets.py' },
  {
    name: 'LD_PRELOAD, PATH, BASH_ENV against the launcher',
    program: 'dynamic-linker.sh',
    env: {
      LD_PRELOAD: '/workspace/evil.so',
      LD_AUDIT: '/workspace/evil.so',
      PATH: '/workspace:/usr/bin:/bin',
      BASH_ENV: '/workspace/evil.sh',
      PERL5OPT: '-Mevil',
      PERL5LIB: '/workspace',
      ENV: '/workspace/evil.sh',
      IFS: 'x',
    },
    answers: { status: 'completed', stdout: ALL_HELD.stdout as RegExp },
  },
];

/** The host by every address that it has, its neighbours on Docker's bridge, and what clouds answer their machines on. */
function targets(): string {
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
  const ports = [22, 2375, 53];
  const host = [...own, '172.17.0.1', '172.17.0.2']
    .filter((address) => !/^(127\.|::1$|fe80)/.test(address))
    .flatMap((address) => ports.map((port) => `${address},${port}`));
  return [...host, '169.254.169.254,80', 'fd00:ec2::254,80', '8.8.8.8,53', '2001:4860:4860::8888,53', '1.1.1.1,443'].join(' ');
}

/** x86-64 numbers and arguments of calls that are a way into the kernel or to other processes. */
const CALLS: Readonly<Record<string, string>> = {
  io_uring_setup: '425 8 0',
  bpf: '321 0 0 0',
  perf_event_open: '298 0 0 -1 -1 0',
  userfaultfd: '323 1',
  'keyctl (session keyring)': '250 0 -3 0',
  add_key: '248 @user @evil @x 1 -4',
  request_key: '249 @user @evil 0 -4',
  'ptrace (traceme)': '101 0 0 0 0',
  process_vm_readv: '310 1 0 0 0 0 0',
  process_vm_writev: '311 1 0 0 0 0 0',
  kcmp: '312 1 1 0 0 0',
  pidfd_getfd: '438 3 0 0',
  'clone (user namespace)': '56 0x10000011 0 0 0 0',
  'unshare (user namespace)': '272 0x10000000',
  setns: '308 0 0',
  mount: '165 @none @/tmp @tmpfs 0 0',
  open_tree: '428 -100 @/ 1',
  fsopen: '430 @tmpfs 0',
  move_mount: '429 -100 @/ -100 @/tmp 0',
  pivot_root: '155 @/tmp @/tmp',
  chroot: '161 @/tmp',
  name_to_handle_at: '303 -100 @/ 0 0 0',
  open_by_handle_at: '304 3 0 0',
  init_module: '175 0 0 @',
  finit_module: '313 0 @ 0',
  kexec_load: '246 0 0 0 0',
  reboot: '169 0xfee1dead 672274793 0 0',
  swapon: '167 @/workspace/swap 0',
  acct: '163 @/workspace/acct',
  settimeofday: '164 0 0',
  clock_settime: '227 0 0',
  sethostname: '170 @evil 4',
  syslog: '103 3 0 0',
  iopl: '172 3',
  'personality (no randomisation)': '135 0x0040000',
  memfd_secret: '447 0',
  quotactl: '179 0 0 0 0',
  fanotify_init: '300 0 0',
  vhangup: '153',
  'ioctl (flags of a file)': '16 1 0x40086602 0',
  'ioctl (flags of a file, above 32 bits)': '16 1 0x7fffffff40086602 0',
  'ioctl (project of a file)': '16 1 0x401c5820 0',
  'file_setattr (project of a file)': '469 -100 @/workspace 0 32 0',
  'mknod (block device)': '133 @/tmp/disk 0x6180 0xfe00',
};

/** What gVisor's kernel does itself, inside the sandbox. */
const ITS_OWN = ['ptrace (traceme)', 'clone (user namespace)', 'unshare (user namespace)', 'syslog', 'mknod (block device)'];
const WITHIN: Partial<Row> = { gvisorAnswers: { status: 'completed', failure: null }, underGvisor: "the sandbox's own kernel does it, within the sandbox" };

const calls = Object.entries(CALLS).map(
  ([name, call]): Row => ({ name: `the call ${name}`, program: 'syscall.py', env: { CALL: call }, ...(ITS_OWN.includes(name) ? WITHIN : {}) }),
);

export const ESCAPE: readonly AbuseCase[] = [...PROGRAMS, ...calls].map((row) => attack({ group: 'escape', answers: ALL_HELD, ...row }));
