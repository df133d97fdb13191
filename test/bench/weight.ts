import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

/** A group of processes whose part of the CPUs can be set, as a service manager has one for each service. */
export interface CpuGroup {
  /** In `times` what another service gets. */
  weigh(times: number): void;
  /** When its process has ended. */
  remove(): void;
}

const { root, file, usual } = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? { root: '/sys/fs/cgroup', file: 'cpu.weight', usual: 100 }
  : { root: '/sys/fs/cgroup/cpu', file: 'cpu.shares', usual: 1_024 };

/** Whether the control groups may be written, as root where they are this machine's, and those of version 2 divide the CPUs. */
export function canWeigh(): boolean {
  try {
    accessSync(root, constants.W_OK);
    return file === 'cpu.shares' || readFileSync(`${root}/cgroup.subtree_control`, 'utf8').trim().split(' ').includes('cpu');
  } catch {
    return false;
  }
}

/** Moves a process of ours into a group of its own. */
export function cpuGroup(pid: number): CpuGroup {
  const folder = `${root}/coracle-bench-${pid}`;
  mkdirSync(folder);
  writeFileSync(`${folder}/cgroup.procs`, String(pid));
  return {
    weigh: (times) => writeFileSync(`${folder}/${file}`, String(times * usual)),
    remove: () => rmdirSync(folder),
  };
}
