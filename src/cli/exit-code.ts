import type { Process } from '../client/types.ts';

/** Of `run` and `wait`, when Coracle itself failed: programs seldom end with it. */
export const OWN_FAILURE = 125;
const TIMED_OUT = 124;
const KILLED = 137;

/** The exit code that stands for how a process ended: its own, where it is known; 124 after its time-out, as timeout(1) has it; 125 when it did not run. */
export function exitCodeOf({ status, exit_code, failure }: Pick<Process, 'status' | 'exit_code' | 'failure'>): number {
  if (failure?.kind === 'timeout') return TIMED_OUT;
  if (failure?.kind === 'start' || failure?.kind === 'lost') return OWN_FAILURE;
  if (exit_code !== null) return exit_code;
  return status === 'completed' ? 0 : KILLED;
}
