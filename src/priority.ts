import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const NICE = -10;
/** The field tty_nr of proc_pid_stat(5), counted from the end of the name, which may have spaces. */
const TTY_AT = 5;

/**
 * Puts this process, and what it starts from now on, before others on this machine (niceness -10), so that a server answers while programs and the engine want
 * all CPUs. Where the kernel weighs sessions against each other (sched(7), autogroup) it does the same for ours, unless that has a terminal, which is
 * somebody's. Does nothing where it may not: it takes root or CAP_SYS_NICE.
 */
export function goFirst(): void {
  attempt(() => setPriority(NICE));
  attempt(() => {
    if (!hasTerminal()) writeFileSync('/proc/self/autogroup', String(NICE));
  });
}

function hasTerminal(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return stat.slice(stat.lastIndexOf(')')).split(' ')[TTY_AT] !== '0';
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // Then it is as all others are.
  }
}
