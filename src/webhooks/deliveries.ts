import type { Log } from '../execution/log.ts';
import type { OutputStore, OutputStream } from '../output/output-store.ts';
import { readEnd } from '../output/read-end.ts';
import { decodeStretch } from '../output/utf8.ts';
import { nextAttempt } from './backoff.ts';
import { callbackMessage } from './message.ts';
import type { Send, SendResult } from './send.ts';
import type { Attempt, DueDelivery, WebhookStore } from './webhook-store.ts';

export interface DeliveriesDependencies {
  readonly webhooks: WebhookStore;
  readonly outputs: OutputStore;
  readonly send: Send;
  readonly log: Log;
  /** Aborted when the server lets go: the next one repeats what is under way. */
  readonly closing: AbortSignal;
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Attempts at once, and of one tenant: a tenant whose receivers hang holds up nobody else's. */
const AT_ONCE = { all: 32, perTenant: 4 };
/** The end of each stream that is told, in bytes. */
const TAIL_BYTES = 1024 * 1024;

export interface Deliveries {
  /**
   * Starts what is due and is not under way; `settled` resolves when that has been tried, which takes as long as the slowest receiver. Rejects when the
   * store fails.
   */
  deliverDue(): Promise<{ readonly settled: Promise<unknown> }>;
}

/**
 * Tells the ends of processes to their receivers, at least once: what a receiver has answered counts only once it is on disk, so that a crash in
 * between repeats the attempt, with the same delivery id. Nothing is remembered but what is under way; the store says what is due, also after a restart.
 */
export function createDeliveries(dependencies: DeliveriesDependencies): Deliveries {
  const { webhooks, log, closing, now = Date.now } = dependencies;
  const underWay = new Map<string, string>();

  async function deliver(due: DueDelivery): Promise<void> {
    const { id } = due.record;
    underWay.set(id, due.record.scope.tenant);
    try {
      await webhooks.recordAttempt(id, await attempt(dependencies, due));
    } catch (error) {
      if (!closing.aborted) log.error({ err: error, process: id }, 'an attempt to call back could not be recorded; it is repeated');
    } finally {
      underWay.delete(id);
    }
  }

  function hasRoom({ record }: DueDelivery): boolean {
    if (underWay.has(record.id) || underWay.size >= AT_ONCE.all) return false;
    return [...underWay.values()].filter((tenant) => tenant === record.scope.tenant).length < AT_ONCE.perTenant;
  }

  return {
    async deliverDue() {
      // Twice as many as may be under way of a tenant, because those that are come first in the store's answer.
      const due = await webhooks.due(now(), { all: 1_000, perTenant: 2 * AT_ONCE.perTenant });
      const started: Promise<void>[] = [];
      for (const each of due) if (hasRoom(each)) started.push(deliver(each));
      return { settled: Promise.all(started) };
    },
  };
}

async function attempt({ outputs, send, now = Date.now, random = Math.random }: DeliveriesDependencies, { delivery, record }: DueDelivery): Promise<Attempt> {
  const [stdout, stderr] = await Promise.all([readTail(outputs, record.id, 'stdout'), readTail(outputs, record.id, 'stderr')]);
  const result = await send(callbackMessage(delivery, { record, stdout, stderr, now: now() }));
  const at = now();
  const seen = { lastAt: at, lastStatus: 'status' in result ? result.status : null };
  const problem = problemOf(result);
  if (problem === null) return { ...seen, state: 'delivered', nextAt: at, lastError: null };
  const nextAt = nextAttempt({ attempts: delivery.attempts + 1, endedAt: record.endedAt ?? at, now: at, random: random() });
  return { ...seen, state: nextAt === undefined ? 'failed' : 'pending', nextAt: nextAt ?? at, lastError: problem };
}

function problemOf(result: SendResult): string | null {
  if ('problem' in result) return result.problem;
  if (result.status >= 200 && result.status < 300) return null;
  const redirect = result.status >= 300 && result.status < 400 ? ' Redirects are not followed.' : '';
  return `The receiver answered ${result.status}, which is not 2xx.${redirect}`;
}

async function readTail(outputs: OutputStore, id: string, stream: OutputStream): Promise<string> {
  const slice = await readEnd(outputs, id, { stream, limit: TAIL_BYTES });
  return decodeStretch(slice.data, { startsInside: slice.offset > 0, isOpen: false });
}
