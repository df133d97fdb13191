import type { ListedProcess } from '../client/types.ts';
import type { Cell } from './print.ts';

const STYLES = { queued: 'yellow', running: 'blue', completed: 'green', failed: 'red', killed: 'magenta' } as const;

export const PROCESS_HEAD = ['ID', 'NAME', 'LANGUAGE', 'STATUS', 'EXIT', 'TIME', 'AGE'] as const;

export function processRow(process: ListedProcess, now = Date.now()): Cell[] {
  const { process_id, name, language, status, exit_code, execution_time, created_at } = process;
  return [
    { text: process_id },
    { text: name ?? '-' },
    { text: language },
    { text: outcomeOf(process), style: STYLES[status] },
    { text: exit_code === null ? '-' : String(exit_code) },
    { text: execution_time === null ? '-' : span(execution_time) },
    { text: span((now - Date.parse(created_at)) / 1000) },
  ];
}

/** Its status, and why it failed. */
export function outcomeOf({ status, failure }: Pick<ListedProcess, 'status' | 'failure'>): string {
  return failure && failure.kind !== 'exit' ? `${status} (${failure.kind.replaceAll('_', ' ')})` : status;
}

/** A time in its two greatest units. */
export function span(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${whole % 60}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h${Math.floor((whole % 3_600) / 60)}m`;
  return `${Math.floor(whole / 86_400)}d${Math.floor((whole % 86_400) / 3_600)}h`;
}
