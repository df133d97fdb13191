import type { Events } from '../execution/events.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';

/** What has happened in a sandbox since this server started, as far back as it remembers. */
export interface ActivityFigures {
  /** Executions accepted. */
  readonly executions: number;
  readonly failed: number;
  readonly requests: number;
  /** Requests that were answered with an error. */
  readonly errors: number;
  /** Of the runs that ended, the latest DURATIONS of them; 0 when there was none. */
  readonly averageMs: number;
  readonly p95Ms: number;
}

export interface Activity {
  noteRequest(scope: Scope, status: number): void;
  of(scope: Scope): ActivityFigures;
}

/** The sandboxes that nothing happened in for longest are forgotten. */
const MOST_SANDBOXES = 10_000;
const DURATIONS = 200;

interface Tally {
  executions: number;
  failed: number;
  requests: number;
  errors: number;
  readonly durations: number[];
}

export function createActivity(events: Pick<Events, 'onStatus'>): Activity {
  const tallies = new Map<string, Tally>();
  const keyOf = ({ tenant, sandbox }: Scope) => `${tenant} ${sandbox}`;

  /** The last one that was touched is the last to be forgotten. */
  function touch(scope: Scope): Tally {
    const key = keyOf(scope);
    const tally = tallies.get(key) ?? { executions: 0, failed: 0, requests: 0, errors: 0, durations: [] };
    tallies.delete(key);
    tallies.set(key, tally);
    if (tallies.size > MOST_SANDBOXES) tallies.delete(tallies.keys().next().value ?? '');
    return tally;
  }

  events.onStatus((record) => noteStatus(touch(record.scope), record));
  return {
    noteRequest(scope, status) {
      const tally = touch(scope);
      tally.requests += 1;
      if (status >= 400) tally.errors += 1;
    },
    of(scope) {
      const { durations, ...counts } = tallies.get(keyOf(scope)) ?? { executions: 0, failed: 0, requests: 0, errors: 0, durations: [] };
      return { ...counts, averageMs: average(durations), p95Ms: percentile95(durations) };
    },
  };
}

function noteStatus(tally: Tally, { status, startedAt, endedAt }: ProcessRecord): void {
  if (status === 'queued') tally.executions += 1;
  if (status === 'failed') tally.failed += 1;
  if (!isTerminal(status) || startedAt === null || endedAt === null) return;
  tally.durations.push(endedAt - startedAt);
  if (tally.durations.length > DURATIONS) tally.durations.shift();
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Of the values in their order, the first that at least 95 in a hundred do not exceed. */
function percentile95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
