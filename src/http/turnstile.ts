import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { createCompany } from '../tenancy/company.ts';

export interface TurnstileOptions {
  /** Most that a request counts as worked on, in milliseconds: one that takes longer waits for something else. */
  readonly workMs: number;
  /** Since its last request a tenant no longer counts as one that calls, in milliseconds. */
  readonly idleMs: number;
  /** For how many times as long as a request was worked on the tenant's next one waits. */
  readonly restFactor: number;
  /** Whether the server's one thread has hardly a moment left. */
  readonly isBusy: () => boolean;
}

/** Has a request wait for its turn; the answer is to be called when it has been answered. */
export type Turnstile = (tenant: string) => Promise<() => void>;

/**
 * One thread answers everybody: without this, one tenant's requests without end would stand before every single one of another, at each of its steps. While
 * the thread is busy and several tenants call, each has its requests worked on one after the other, with a rest in between, so that none gets more
 * than its part. A tenant that calls alone is never held up.
 */
export function createTurnstile({ workMs, idleMs, restFactor, isBusy }: TurnstileOptions): Turnstile {
  /** Of each tenant the end of the last turn that was taken, its rest included. */
  const lanes = new Map<string, Promise<void>>();
  const company = createCompany(idleMs);

  /** The turn begins when the one before is over; it ends, after a rest, once the request is answered or has been worked on for as long as any may. */
  async function takeTurn(tenant: string): Promise<() => void> {
    const before = lanes.get(tenant);
    const over = Promise.withResolvers<void>();
    lanes.set(tenant, over.promise);
    await before;
    const began = performance.now();
    let isOver = false;
    function end(): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      setTimeout(finish, Math.min(performance.now() - began, workMs) * restFactor);
    }
    function finish(): void {
      over.resolve();
      if (lanes.get(tenant) === over.promise) lanes.delete(tenant);
    }
    const timer = setTimeout(end, workMs);
    return end;
  }

  return async (tenant) => {
    const now = Date.now();
    company.note(tenant, now);
    return isBusy() && company.hasOther(tenant, now) ? takeTurn(tenant) : () => undefined;
  };
}

const TURNSTILE = { workMs: 20, idleMs: 1_000, restFactor: 2 };
const BUSY_SHARE = 0.6;
const LOOK_EVERY_MS = 100;

/** Whether the event loop had less than so much of its time left when it was last looked at. */
function watchLoop(app: FastifyInstance): () => boolean {
  let last = performance.eventLoopUtilization();
  let isBusy = false;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    isBusy = performance.eventLoopUtilization(now, last).utilization > BUSY_SHARE;
    last = now;
  }, LOOK_EVERY_MS);
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return () => isBusy;
}

/** Register it after the tokens and before the routes. */
export function installTurnstile(app: FastifyInstance): void {
  const turnstile = createTurnstile({ ...TURNSTILE, isBusy: watchLoop(app) });
  app.addHook('onRequest', async ({ caller }, reply) => {
    const leave = await turnstile(caller.tenant);
    reply.raw.once('close', leave);
    if (reply.raw.closed) leave();
  });
}
