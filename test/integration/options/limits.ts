import { prints } from '../../support/bare-container.ts';
import { drop, host, type Row } from './row.ts';

const dropUlimit = (ulimit: string) => host(({ Ulimits = [] }) => ({ Ulimits: Ulimits.filter(({ Name }) => Name !== ulimit) }));
const HOG = 'perl -e \'my $m = 128; my $h = "x" x ($m << 20); print "all\\n"\' || echo held';

export const LIMITS: readonly Row[] = [
  // The engine refuses the one without the other: so that the bound on both goes with it here, and below stays for itself.
  { option: 'Memory', without: drop('Memory', 'MemorySwap', 'MemorySwappiness'), shows: prints(HOG), held: /^held$/m },
  {
    option: 'MemorySwap',
    without: drop('MemorySwap'),
    shows: prints('cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.swap.max'),
    held: /^(67108864|0)$/m,
  },
  { option: 'MemorySwappiness', without: drop('MemorySwappiness'), shows: prints('cat /sys/fs/cgroup/memory/memory.swappiness'), held: /^0$/m },
  { option: 'ulimit memlock', without: dropUlimit('memlock'), shows: prints('ulimit -Hl'), held: /^64$/m },
  {
    option: 'NanoCpus',
    without: drop('NanoCpus'),
    shows: prints('cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d" " -f1 /sys/fs/cgroup/cpu.max'),
    held: /^25000$/m,
  },
  {
    option: 'PidsLimit',
    without: drop('PidsLimit'),
    shows: prints(
      'perl -e \'my $n = 0; for (1 .. 64) { my $p = fork; last unless defined $p; if (!$p) { sleep 9; exit } $n++ } print $n < 40 ? "held\\n" : "all\\n"\'',
    ),
    held: /^held$/m,
  },
  {
    option: 'CgroupParent',
    beside: host(() => ({ CgroupnsMode: 'host' })),
    without: drop('CgroupParent'),
    shows: prints('grep -qF coracle /proc/self/cgroup && echo ours || echo shared'),
    held: /^ours$/m,
  },
  { option: 'OomScoreAdj', without: drop('OomScoreAdj'), shows: prints('cat /proc/self/oom_score_adj'), held: /^1000$/m },
  { option: 'ulimit nofile', without: dropUlimit('nofile'), shows: prints('ulimit -Hn'), held: /^1024$/m },
  { option: 'ulimit core', without: dropUlimit('core'), shows: prints('ulimit -Hc'), held: /^0$/m },
  {
    option: 'ulimit fsize',
    without: dropUlimit('fsize'),
    shows: prints('trap "" XFSZ; truncate -s 1G /workspace/sparse 2>/dev/null && echo all || echo held; rm -f /workspace/sparse'),
    held: /^held$/m,
  },
  { option: 'ulimit msgqueue', without: dropUlimit('msgqueue'), shows: prints('ulimit -Hq'), held: /^0$/m },
  { option: 'ulimit sigpending', without: dropUlimit('sigpending'), shows: prints('ulimit -Hi'), held: /^1024$/m },
];
