import { setTimeout as sleep } from 'node:timers/promises';
import { neverRan } from '../process/outcome.ts';
import { NOTHING_RAN, type ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import { isTerminal } from '../process/status.ts';
import type { Scheduler } from './scheduler.ts';
import { type StopHow, USUAL_STOP } from './stop-container.ts';
import type { Supervisor } from './supervisor.ts';

export type KillResult =
  /** Its container has ended and its record says `killed`. */
  | { readonly kind: 'killed'; readonly record: ProcessRecord }
  /** It ended by itself, or of another cause, before the kill could count. */
  | { readonly kind: 'ended'; readonly record: ProcessRecord }
  /** Why it has to end is on disk, but the engine does not answer: it is ended as soon as that is back. */
  | { readonly kind: 'pending'; readonly record: ProcessRecord }
  | { readonly kind: 'not_found' };

export interface KillDependencies {
  readonly store: ProcessStore;
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;
  /** When a kill that is not done this long after its grace is answered as pending, in milliseconds; 20 s by default, so that SDKs still wait then. */
  readonly answerWithinMs?: number;
}

const ANSWER_MS = 20_000;

export interface KillOptions {
  readonly cause?: 'kill' | 'abandoned';
  readonly how?: StopHow | undefined;
}

export type Kill = (scope: Scope, id: string, options?: KillOptions) => Promise<KillResult>;

/** Ends a process and resolves when it has ended; one that waits is taken out of the queue. Two kills of one process both get `killed`. */
export function createKill({ store, scheduler, supervisor, answerWithinMs = ANSWER_MS }: KillDependencies): Kill {
  /** Out of the queue, and not yet on record as killed. */
  const underWay = new Map<string, Promise<void>>();

  async function killQueued(record: ProcessRecord, cause: 'kill' | 'abandoned'): Promise<void> {
    try {
      await store.transition(record.id, { ...neverRan(cause), ...NOTHING_RAN, endedAt: Date.now() });
    } catch (error) {
      scheduler.enqueue(record.scope, record.id, record.limits);
      throw error;
    }
  }

  return async (scope, id, { cause = 'kill', how = USUAL_STOP } = {}) => {
    const found = await store.find(scope, id);
    if (!found) return { kind: 'not_found' };
    if (isTerminal(found.status)) return { kind: 'ended', record: found };
    if (scheduler.cancel(scope.tenant, id))
      underWay.set(
        id,
        killQueued(found, cause).finally(() => underWay.delete(id)),
      );
    await orLate(underWay.get(id) ?? supervisor.interrupt(id, cause, how), answerWithinMs + how.graceMs);
    const record = (await store.find(scope, id)) ?? found;
    if (!isTerminal(record.status)) return { kind: 'pending', record };
    return { kind: record.status === 'killed' ? 'killed' : 'ended', record };
  };
}

/** The work goes on when it is late; it rejects when the server lets go, and the next one carries it out. */
async function orLate(work: Promise<void>, ms: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { ref: false, signal: timer.signal })]).finally(() => timer.abort());
}
