import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { until } from './until.ts';

/** Throws a sentence that says what to do; `what` is the beginning of it. */
export function requireRoot(what: string): void {
  if (process.getuid?.() !== 0) throw new Error(`${what}, which only root may do. Run it as root, for example with sudo.`);
}

/** Runs a command of the machine. Rejects with what it printed when it fails. */
export async function command(name: string, ...args: string[]): Promise<void> {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`"${[name, ...args].join(' ')}" ended with ${code}: ${printed}`);
}

/** Takes down every mount in a folder and on it, the innermost first. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  const ours = mounts.filter((path) => path === folder || path.startsWith(`${folder}/`));
  for (const path of ours.toReversed()) await command('umount', '--lazy', path);
}

/** Ends what is left of an engine whose files lie in the folder: the daemons whose command line names it, and everything below them. */
export async function endEngineOf(folder: string): Promise<void> {
  await until(async () => {
    const pids = await engineProcessesOf(folder);
    for (const pid of pids) endProcess(pid);
    return pids.length === 0;
  }, `the end of the engine in ${folder}`);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** dockerd and containerd of an engine whose files lie in the folder: their command lines name it. What holds its containers is not among them. */
export async function daemonsOf(folder: string): Promise<number[]> {
  return (await listProcesses())
    .filter(({ commandLine }) => /^(\S*\/)?(dockerd|containerd)\0/.test(commandLine) && commandLine.includes(folder))
    .map(({ pid }) => pid);
}

async function engineProcessesOf(folder: string): Promise<number[]> {
  const processes = await listProcesses();
  const found = new Set(
    processes.filter(({ commandLine }) => /^(\S*\/)?(dockerd|containerd)/.test(commandLine) && commandLine.includes(folder)).map(({ pid }) => pid),
  );
  for (let grown = 0; grown < found.size; ) {
    grown = found.size;
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

async function listProcesses(): Promise<{ pid: number; parent: number; commandLine: string }[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const read = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  return Promise.all(pids.map(async (pid) => ({ pid, parent: parentIn(await read(pid, 'stat')), commandLine: await read(pid, 'cmdline') })));
}

/** The name of a program stands in parentheses before it, and may hold any character. */
function parentIn(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}
