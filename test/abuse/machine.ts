import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The name of a file that programs try to leave outside their container. */
export const CANARY = 'coracle-abuse-canary';
const PLACES = ['/', '/tmp', '/etc', '/dev/shm', '/var', '/root', '/usr/bin', process.cwd()];
const SETTINGS = ['kernel/core_pattern', 'kernel/hostname', 'kernel/modprobe', 'vm/overcommit_memory', 'net/ipv4/ip_forward', 'kernel/randomize_va_space'];
const FILES = ['/etc/passwd', '/etc/shadow', '/etc/resolv.conf', '/etc/hosts', '/proc/swaps', '/var/run/docker.pid'];

/** What no program in a container may change about its host. */
export function machineFacts(): Readonly<Record<string, string>> {
  const settings = SETTINGS.map((name) => [name, read(`/proc/sys/${name}`)]);
  const files = FILES.map((path) => [path, read(path)]);
  const canaries = PLACES.map((place) => [join(place, CANARY), String(existsSync(join(place, CANARY)))]);
  return { ...Object.fromEntries([...settings, ...files, ...canaries]), hostname: hostname(), modules: moduleNames() };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

/** How often each is used changes all the time. */
function moduleNames(): string {
  return read('/proc/modules').replace(/ .*$/gm, '');
}

/** The processes of this machine that are in a container's group, or serve it. */
export async function processesOf(containerId: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(pids.map(async (pid) => (await isOf(pid, containerId)) && pid));
  return found.filter((pid) => pid !== false);
}

async function isOf(pid: number, containerId: string): Promise<boolean> {
  const told = await Promise.all(['cgroup', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')));
  return told.some((text) => text.includes(containerId));
}
