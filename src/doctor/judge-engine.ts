import type { EngineFacts, Wishes } from '../engine/engine-facts.ts';
import { bad, type Finding, good } from './finding.ts';

const MIB = 1024 * 1024;
const MOST_SKEW_MS = 5_000;
const DAEMON_JSON = 'in /etc/docker/daemon.json on its host, and restart it';

/** The verdict over an engine's own words. What containers really get is the probe's to tell. */
export function judgeEngine(facts: EngineFacts, wishes: Wishes): Finding[] {
  return [...limits(facts), seccomp(facts), ...runtimes(facts, wishes), ...images(facts), ...advice(facts), clock(facts), disk(facts, wishes)];
}

function limits({ limits: kept, cgroupVersion, isRootless }: EngineFacts): Finding[] {
  if (isRootless && cgroupVersion === 1)
    return [
      bad('dangerous', 'cgroup', {
        what: 'the engine is rootless on cgroup v1',
        why: 'It ignores every limit there: one process can take all memory and CPU of the host.',
        remedy: 'Boot the host with cgroup v2 (systemd.unified_cgroup_hierarchy=1), or use an engine that runs as root.',
      }),
    ];
  const missing = (['memory', 'cpu', 'pids'] as const).filter((name) => !kept[name]);
  const swap = bad('advice', 'limits.swap', {
    what: 'the kernel does not account for swap',
    why: 'On a host with swap a process gets as much of it as there is, beyond its memory limit.',
    remedy: 'Boot with swapaccount=1, or turn swap off (swapoff -a).',
  });
  if (missing.length === 0) return [good('limits', `cgroup v${cgroupVersion}, with limits on memory, CPU and processes`), ...(kept.swap ? [] : [swap])];
  return [
    bad('dangerous', 'limits', {
      what: `the engine cannot limit ${missing.join(', ')}`,
      why: 'One process can take all of it from the host.',
      remedy: 'Enable the cgroup controllers memory, cpu and pids on the host (for memory on Debian: boot with cgroup_enable=memory).',
    }),
  ];
}

function seccomp({ hasSeccomp }: EngineFacts): Finding {
  if (hasSeccomp) return good('seccomp', 'the engine filters system calls');
  return bad('dangerous', 'seccomp', {
    what: 'the engine has no seccomp',
    why: "Programs could make every system call of the host's kernel.",
    remedy: 'Use a kernel with CONFIG_SECCOMP_FILTER and an engine that was built with seccomp.',
  });
}

function runtimes({ runtimes: known, defaultRuntime }: EngineFacts, { runtimes: wished }: Wishes): Finding[] {
  const names = wished.length > 0 ? wished : [defaultRuntime];
  return names.map((name) => {
    const args = Object.hasOwn(known, name) ? known[name] : undefined;
    if (args === undefined)
      return bad('dangerous', `runtime.${name}`, {
        what: `the engine has no runtime "${name}"; it has: ${Object.keys(known).join(', ')}`,
        why: 'Every process that is to run on it would fail.',
        remedy: `Add it to "runtimes" in /etc/docker/daemon.json and run: kill -HUP $(cat /var/run/docker.pid); or change CORACLE_RUNTIME and CORACLE_RUNTIMES.`,
      });
    const ignoring = args.find((arg) => /^--?ignore-cgroups(=true)?$/.test(arg));
    if (ignoring)
      return bad('dangerous', `runtime.${name}`, {
        what: `the runtime "${name}" has the argument ${ignoring}`,
        why: 'It runs outside the limits of its container: one process can take all memory of the host.',
        remedy: `Remove ${ignoring} from the runtime's runtimeArgs in /etc/docker/daemon.json and run: kill -HUP $(cat /var/run/docker.pid)`,
      });
    return good(`runtime.${name}`, `the runtime "${name}" is there`);
  });
}

function images({ missingImages }: EngineFacts): Finding[] {
  if (missingImages.length === 0) return [good('images', 'the images of all languages are there')];
  return [
    bad('advice', 'images', {
      what: `the engine lacks ${missingImages.join(', ')}`,
      why: 'Processes in these languages fail.',
      remedy: 'Run: npm run setup',
    }),
  ];
}

const UNSHARED = bad('advice', 'shares', {
  what: 'the engine puts containers into no cgroup of ours',
  why: 'A tenant gets CPU by the number of its containers: one that has many slows another down.',
  remedy: 'Use an engine that runs as root, with the cgroup driver systemd or cgroupfs; or give tenants few processes at once in CORACLE_TENANTS_FILE.',
});

/** What makes an engine better, and none of which is needed. */
function advice({ hasUserNamespaces, hasLiveRestore, logDriver, isRootless, hasTenantCgroups }: EngineFacts): Finding[] {
  const remapped = hasUserNamespaces || isRootless;
  return [
    ...(hasTenantCgroups ? [good('shares', 'each tenant has the same share of the CPUs')] : [UNSHARED]),
    remapped
      ? good('userns', "users of containers are not the host's")
      : bad('advice', 'userns', {
          what: 'userns-remap is off',
          why: 'A program that gets out of its container has a user id of the host; remapped, it would have none that owns anything.',
          remedy: `Set "userns-remap": "default" ${DAEMON_JSON}.`,
        }),
    hasLiveRestore
      ? good('live-restore', 'containers outlive a restart of the engine')
      : bad('advice', 'live-restore', {
          what: 'live-restore is off',
          why: 'When the engine stops or is updated, everything that runs is lost.',
          remedy: `Set "live-restore": true ${DAEMON_JSON} (or reload it: kill -HUP $(cat /var/run/docker.pid)).`,
        }),
    logDriver === 'local'
      ? good('log-driver', 'the log driver is local')
      : bad('advice', 'log-driver', {
          what: `the engine's default log driver is ${logDriver}`,
          why: "Coracle's containers have local logs of bounded size; other containers of this host fill its disk without bound.",
          remedy: `Set "log-driver": "local" ${DAEMON_JSON}.`,
        }),
  ];
}

function clock({ clockSkewMs }: EngineFacts): Finding {
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  if (Math.abs(clockSkewMs) <= MOST_SKEW_MS) return good('clock', "the engine's clock agrees with this machine's");
  return bad('advice', 'clock', {
    what: `the engine's clock is ${seconds} s from this machine's`,
    why: 'Times of records and the cause of an end that the engine was away for are judged by both clocks.',
    remedy: 'Run an NTP client on both machines (timedatectl set-ntp true).',
  });
}

function disk({ freeBytes }: EngineFacts, { leastFreeBytes }: Wishes): Finding {
  if (freeBytes === undefined) return good('disk', "the engine's disk is not this machine's: its free space is not known here");
  const free = `${Math.floor(freeBytes / MIB)} MiB`;
  if (freeBytes >= leastFreeBytes * 2) return good('disk', `${free} are free on the engine's disk`);
  return bad('advice', 'disk', {
    what: `only ${free} are free on the engine's disk`,
    why: 'Under CORACLE_MIN_FREE_MB nothing is accepted and who writes is stopped.',
    remedy: 'Make room: docker system df shows what takes it, docker image prune removes unused images.',
  });
}
