import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../process/record.ts';
import { pausing, resuming } from '../sandbox/lifetime.ts';
import type { Sandbox, SandboxStore } from '../sandbox/sandbox.ts';
import type { PausedSandboxes } from './paused.ts';
import type { Scheduler } from './scheduler.ts';
import type { Supervisor } from './supervisor.ts';

export interface PauseDependencies {
  readonly sandboxes: SandboxStore;
  readonly paused: PausedSandboxes;
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;
  /** When an answer is given although the engine has not done it all yet, in milliseconds; 20 s by default. */
  readonly answerWithinMs?: number;
}

/**
 * Pauses and resumes sandboxes. In a paused one everything stands still: its containers are frozen, what is submitted waits, and neither its own time nor
 * its processes' time-outs run. It is on disk before it is done, so that a server that comes back brings the containers to the same state.
 */
export interface SandboxPauser {
  /** Answers the sandbox as it is then; undefined when the tenant has none of that name. */
  pause(tenant: string, name: string): Promise<Sandbox | undefined>;
  resume(tenant: string, name: string): Promise<Sandbox | undefined>;
  /** Takes up what an earlier server has paused, before anything is taken up or started. */
  load(): Promise<void>;
}

const ANSWER_MS = 20_000;

export function createSandboxPauser({ sandboxes, paused, scheduler, supervisor, answerWithinMs = ANSWER_MS }: PauseDependencies): SandboxPauser {
  async function settle(scope: Scope): Promise<void> {
    scheduler.look();
    await Promise.race([supervisor.settle(scope), sleep(answerWithinMs, undefined, { ref: false })]);
  }

  return {
    async pause(tenant, name) {
      const changed = await sandboxes.update(tenant, name, pausing(Date.now()));
      if (!changed) return undefined;
      paused.add(changed.scope);
      await settle(changed.scope);
      return changed;
    },
    async resume(tenant, name) {
      const changed = await sandboxes.update(tenant, name, resuming(Date.now()));
      if (!changed) return undefined;
      paused.delete(changed.scope);
      await settle(changed.scope);
      return changed;
    },
    async load() {
      for (const { scope } of await sandboxes.paused()) paused.add(scope);
    },
  };
}
