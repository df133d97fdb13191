import { allBut } from './all-but.ts';

/**
 * The system calls that a process may make: everything else answers EPERM. Written for language runtimes, tools and servers on loopback; what only
 * administrators, debuggers, container engines and exploits need is left out: namespaces, mounts, modules, keyrings, bpf, perf, io_uring,
 * userfaultfd, ptrace and reading other processes' memory, handles to files by number, flags of files, clocks and the machine itself.
 *
 * Numbers in `args` are Linux's own (asm-generic); man 2 of each call, and https://man7.org/linux/man-pages/man2/syscalls.2.html for the list.
 */
const FILES = `
  access faccessat faccessat2 open openat openat2 creat close close_range read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2
  lseek stat fstat lstat newfstatat statx statfs fstatfs readlink readlinkat getdents getdents64 getcwd chdir fchdir
  rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir
  chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat umask
  truncate ftruncate fallocate fadvise64 readahead sync syncfs fsync fdatasync sync_file_range flock fcntl
  dup dup2 dup3 pipe pipe2 sendfile splice tee vmsplice copy_file_range
  getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr
  inotify_init inotify_init1 inotify_add_watch inotify_rm_watch memfd_create cachestat`;

const WAITING = `
  poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
  eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime io_setup io_submit io_getevents io_pgetevents io_cancel io_destroy`;

const MEMORY = `
  brk mmap munmap mremap mprotect madvise msync mincore mlock mlock2 munlock mlockall munlockall membarrier mseal map_shadow_stack
  pkey_alloc pkey_free pkey_mprotect get_mempolicy set_mempolicy mbind set_mempolicy_home_node
  shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl
  mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr`;

const PROCESSES = `
  fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill pidfd_open pidfd_send_signal
  getpid getppid gettid getpgid getpgrp getsid setpgid setsid getpriority setpriority ioprio_get ioprio_set
  sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_getattr sched_setattr
  sched_get_priority_max sched_get_priority_min sched_rr_get_interval getcpu getrlimit setrlimit prlimit64 getrusage times
  prctl arch_prctl set_tid_address set_robust_list get_robust_list rseq set_thread_area get_thread_area
  futex futex_waitv futex_wake futex_wait futex_requeue restart_syscall uname sysinfo getrandom
  getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
  capget capset seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self`;

const SIGNALS_AND_TIME = `
  rt_sigaction rt_sigprocmask rt_sigpending rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack pause alarm
  getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete
  time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep`;

/** `socket` is below: only some families. */
const SOCKETS = `
  socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt
  sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg`;

const EPERM = 1;
const ENOSYS = 38;
const AF = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
const NETLINK_ROUTE = 0;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES = 0x7e020000;
const S_IFMT = 0o170000;
const S_IFIFO = 0o010000;
/**
 * FS_IOC_SETFLAGS (its 32-bit form too) and FS_IOC_FSSETXATTR, by what tells them apart: their letter and number, whatever the size of what they carry. By
 * them the owner of a file may take it out of the project that it is counted in, and so out of the engine's quota.
 */
const SET_FILE_FLAGS = [0x6602, 0x5820];
/** What a personality may be: Linux, Linux with 32-bit addresses, UNAME26 of both, and to ask what it is. */
const PERSONALITIES = [0x0, 0x0008, 0x20000, 0x20008, 0xffffffff];

interface Rule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly { readonly index: number; readonly value: number; readonly valueTwo?: number; readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ' }[];
}

const allow = (names: string): Rule => ({ names: names.trim().split(/\s+/), action: 'SCMP_ACT_ALLOW' });
const equal = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' }) as const;
/** Of the bits in `mask` exactly those of `bits` are set. */
const bits = (index: number, mask: number, wanted: number) => ({ index, value: mask, valueTwo: wanted, op: 'SCMP_CMP_MASKED_EQ' }) as const;

const RULES: readonly Rule[] = [
  ...[FILES, WAITING, MEMORY, PROCESSES, SIGNALS_AND_TIME, SOCKETS].map(allow),
  ...[AF.unix, AF.inet, AF.inet6].map((family) => ({ ...allow('socket'), args: [equal(0, family)] })),
  { ...allow('socket'), args: [equal(0, AF.netlink), equal(2, NETLINK_ROUTE)] },
  { ...allow('clone'), args: [bits(0, CLONE_NAMESPACES, 0)] },
  // Its flags are in memory, where no filter sees them. ENOSYS makes libraries fall back to clone.
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ...allBut(SET_FILE_FLAGS).map((pattern) => ({ ...allow('ioctl'), args: [bits(1, pattern.mask, pattern.bits)] })),
  { ...allow('mknod'), args: [bits(1, S_IFMT, S_IFIFO)] },
  { ...allow('mknodat'), args: [bits(2, S_IFMT, S_IFIFO)] },
  ...PERSONALITIES.map((personality) => ({ ...allow('personality'), args: [equal(0, personality)] })),
];

/** The profile as the engine takes it: inline JSON. (An empty object would switch seccomp off, and a path would fail only at the start.) */
export const SECCOMP_PROFILE: string = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  // The machine's own calls only: the 32-bit ones are another door to the same kernel.
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
  ],
  syscalls: RULES,
});
