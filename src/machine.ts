import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { readDisk } from './disk.ts';

export interface Share {
  readonly total: number;
  readonly used: number;
  readonly free: number;
}

export interface MachineFigures {
  readonly cores: number;
  /** 0 to 100 of all cores together, since the last look. */
  readonly cpuPercent: number;
  /** Bytes. */
  readonly memory: Share;
  /** Bytes, of the disk with the data folder. */
  readonly disk: Share;
}

export type LookAtMachine = () => Promise<MachineFigures>;

/** Asking costs file-system calls and needs no token, so an answer serves everybody for this long. */
const FRESH_MS = 1_000;

export function createMachine(dataDir: string): LookAtMachine {
  let before = cpuTimes();
  let asked: { readonly at: number; readonly answer: Promise<MachineFigures> } | undefined;

  async function look(): Promise<MachineFigures> {
    const now = cpuTimes();
    const cpuPercent = busyPercent(before, now);
    before = now;
    const { totalBytes, freeBytes } = await readDisk(dataDir);
    return { cores: availableParallelism(), cpuPercent, memory: share(totalmem(), freemem()), disk: share(totalBytes, freeBytes) };
  }

  return () => {
    if (!asked || Date.now() - asked.at > FRESH_MS) asked = { at: Date.now(), answer: look() };
    return asked.answer;
  };
}

export interface CpuTimes {
  readonly idle: number;
  readonly total: number;
}

function cpuTimes(): CpuTimes {
  const all = cpus().map(({ times }) => times);
  const idle = all.reduce((sum, times) => sum + times.idle, 0);
  return { idle, total: all.reduce((sum, { user, nice, sys, idle: rest, irq }) => sum + user + nice + sys + rest + irq, 0) };
}

export function busyPercent(before: CpuTimes, now: CpuTimes): number {
  const total = now.total - before.total;
  return total <= 0 ? 0 : Math.round(1_000 * (1 - (now.idle - before.idle) / total)) / 10;
}

function share(total: number, free: number): Share {
  return { total, used: total - free, free };
}
