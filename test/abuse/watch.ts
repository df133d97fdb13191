import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LABEL } from '../../src/engine/docker/labels.ts';
import { containersOf, docker } from '../support/docker.ts';

/** What the kernel of the host counted for a container while it ran. */
export interface Seen {
  readonly containerId: string;
  readonly peakTasks: number;
  readonly peakMemoryBytes: number;
  readonly cpuSeconds: number;
  readonly lowestNice: number;
  /** Of its first process. */
  readonly oomScoreAdj: number;
  /** For how long it was looked at. */
  readonly seconds: number;
}

const EVERY_MS = 50;
/** Tasks whose priority is looked at each time. */
const SAMPLE = 16;

/** Looks at the container of a tenant, which has one at a time, from outside until `done`. Undefined when it was over too soon to be seen. */
export async function watchContainer(instance: string, tenant: string, done: Promise<unknown>): Promise<Seen | undefined> {
  const until = { isDone: false };
  void done.finally(() => (until.isDone = true)).catch(() => undefined);
  const found = await findContainer(instance, tenant, until);
  if (!found) return undefined;
  const seen = { ...found, peakTasks: 0, peakMemoryBytes: 0, cpuSeconds: 0, seconds: 0, lowestNice: 0, oomScoreAdj: 1000 };
  for (const began = Date.now(); !until.isDone; await sleep(EVERY_MS)) {
    const now = look(found);
    if (!now) continue;
    seen.peakTasks = Math.max(seen.peakTasks, now.tasks);
    seen.peakMemoryBytes = Math.max(seen.peakMemoryBytes, now.memoryBytes);
    seen.cpuSeconds = Math.max(seen.cpuSeconds, now.cpuSeconds);
    seen.lowestNice = Math.min(seen.lowestNice, now.lowestNice);
    seen.oomScoreAdj = Math.min(seen.oomScoreAdj, now.oomScoreAdj);
    seen.seconds = (Date.now() - began) / 1000;
  }
  return seen;
}

async function findContainer(instance: string, tenant: string, until: { isDone: boolean }) {
  for (; !until.isDone; await sleep(EVERY_MS)) {
    const container = (await containersOf(instance)).find(({ Labels }) => Labels[LABEL.tenant] === tenant);
    const info =
      container &&
      (await docker
        .getContainer(container.Id)
        .inspect()
        .catch(() => undefined));
    if (info?.State.Pid) return { containerId: info.Id, pid: info.State.Pid };
  }
  return undefined;
}

function look({ pid, containerId }: { pid: number; containerId: string }) {
  try {
    const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    const [pids, memory, cpu] = [folderOf(groups, 'pids'), folderOf(groups, 'memory'), folderOf(groups, 'cpuacct')];
    // For a moment it is still where the runtime is, and afterwards its number may be another's.
    if (![pids, memory, cpu].every((folder) => folder.includes(containerId))) return undefined;
    const isV2 = pids === memory;
    const tasks = readFileSync(`${pids}/${isV2 ? 'cgroup.threads' : 'tasks'}`, 'utf8')
      .trim()
      .split('\n');
    return {
      tasks: tasks.length,
      lowestNice: Math.min(...tasks.slice(0, SAMPLE).map(niceOf)),
      oomScoreAdj: Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')),
      memoryBytes: Number(readFileSync(`${memory}/${isV2 ? 'memory.current' : 'memory.usage_in_bytes'}`, 'utf8')),
      cpuSeconds: isV2
        ? Number(/usage_usec (\d+)/.exec(readFileSync(`${cpu}/cpu.stat`, 'utf8'))?.[1]) / 1e6
        : Number(readFileSync(`${cpu}/cpuacct.usage`, 'utf8')) / 1e9,
    };
  } catch {
    return undefined;
  }
}

/** A task that is gone has none. */
function niceOf(task: string): number {
  try {
    const stat = readFileSync(`/proc/${task}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  } catch {
    return 0;
  }
}

/** Version 1 has a tree for each controller, version 2 one for all. */
function folderOf(groups: string, controller: string): string {
  const [, names, path] =
    groups
      .split('\n')
      .map((line) => /^\d+:([^:]*):(.*)$/.exec(line) ?? [])
      .find(([, names = '']) => names.split(',').includes(controller)) ?? [];
  if (names) return `/sys/fs/cgroup/${names}${path}`;
  return `/sys/fs/cgroup${/^0::(.*)$/m.exec(groups)?.[1] ?? ''}`;
}
