export const STATUSES = ['queued', 'running', 'completed', 'failed', 'killed'] as const;

export type ProcessStatus = (typeof STATUSES)[number];

/** The only arbiter of a process's life: a store changes a status only along these arrows, by compare-and-set. */
export const TRANSITIONS: Readonly<Record<ProcessStatus, readonly ProcessStatus[]>> = {
  queued: ['running', 'failed', 'killed'],
  running: ['completed', 'failed', 'killed'],
  completed: [],
  failed: [],
  killed: [],
};

export type TerminalStatus = 'completed' | 'failed' | 'killed';

export function isTerminal(status: ProcessStatus): status is TerminalStatus {
  return TRANSITIONS[status].length === 0;
}

/** The statuses from which `to` can be reached. */
export function predecessors(to: ProcessStatus): ProcessStatus[] {
  return STATUSES.filter((from) => TRANSITIONS[from].includes(to));
}
