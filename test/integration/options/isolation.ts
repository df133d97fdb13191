import { prints } from '../../support/bare-container.ts';
import { drop, host, type Row, set } from './row.ts';

const dropSecurity = (prefix: string) => host(({ SecurityOpt = [] }) => ({ SecurityOpt: SecurityOpt.filter((option: string) => !option.startsWith(prefix)) }));

export const ISOLATION: readonly Row[] = [
  { option: 'User', without: (options) => ({ ...options, User: '0:0' }), shows: prints('id -u'), held: /^20123$/m },
  { option: 'ReadonlyRootfs', without: drop('ReadonlyRootfs'), shows: prints('touch /var/tmp/x 2>/dev/null && echo written || echo held'), held: /^held$/m },
  { option: 'CapDrop', without: drop('CapDrop'), shows: prints('sed -n "s/^CapBnd:\\t//p" /proc/self/status'), held: /^0000000000000000$/m },
  { option: 'no-new-privileges', without: dropSecurity('no-new-privileges'), shows: prints('sed -n "s/^NoNewPrivs:\\t//p" /proc/self/status'), held: /^1$/m },
  {
    option: 'seccomp',
    without: dropSecurity('seccomp='),
    shows: prints('perl -e \'syscall(101, 0, 0, 0, 0) == 0 ? print "traced\\n" : print "held\\n"\''),
    held: /^held$/m,
  },
  { option: 'Init', without: drop('Init'), shows: prints('cat /proc/1/comm'), held: /^docker-init$/m },
  {
    option: 'IpcMode',
    without: host(() => ({ IpcMode: 'host' })),
    shows: prints('test -e /dev/shm && ls -A /dev/shm | wc -l; stat -f -c %b /dev/shm'),
    held: /^0\n16384\n$/,
  },
  {
    option: 'CgroupnsMode',
    without: host(() => ({ CgroupnsMode: 'host' })),
    shows: prints('cut -d: -f3 /proc/self/cgroup | grep -cE "docker|coracle"; true'),
    held: /^0$/m,
  },
  { option: 'MaskedPaths', without: host(() => ({ MaskedPaths: [] })), shows: prints('head -c 1 /proc/interrupts | wc -c'), held: /^0$/m },
  {
    // With NetworkDisabled engine 20.10 writes no resolver at all, so there it makes a difference only without that.
    option: 'Dns',
    beside: (options) => ({ ...options, NetworkDisabled: false }),
    without: drop('Dns'),
    shows: prints('grep -v "^#" /etc/resolv.conf | grep -c "nameserver 127.0.0.1"; true'),
    held: /^1$/m,
  },
  { option: 'Hostname', without: set({ Hostname: undefined }), shows: prints('hostname'), held: /^sandbox$/m },
  { option: 'Env', without: set({ Env: ['LEAKED=1'] }), shows: prints('env | grep -c LEAKED; true'), held: /^0$/m },
  {
    option: 'NetworkMode',
    beside: set({ NetworkDisabled: false }),
    without: host(() => ({ NetworkMode: 'bridge' })),
    shows: prints('grep -c eth0 /proc/net/dev; true'),
    held: /^0$/m,
  },
  {
    option: 'NetworkDisabled',
    beside: host(() => ({ NetworkMode: 'bridge' })),
    without: set({ NetworkDisabled: false }),
    shows: prints('grep -c eth0 /proc/net/dev; true'),
    held: /^0$/m,
  },
  {
    // Left out, the engine takes its own list, which has these too; an empty one it takes as none.
    option: 'ReadonlyPaths',
    beside: set({ User: '0:0' }),
    without: host(() => ({ ReadonlyPaths: [] })),
    shows: prints('(echo x > /proc/sys/kernel/domainname) 2>/dev/null && echo written || echo held'),
    held: /^held$/m,
  },
  { option: 'Runtime', without: host(() => ({ Runtime: 'no-such-runtime' })), shows: prints('echo ran'), held: /^ran$/m },
];
