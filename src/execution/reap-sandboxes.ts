import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEngine } from '../engine/container-engine.ts';
import type { OutputStore } from '../output/output-store.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord, Scope } from '../process/record.ts';
import type { RetentionStore } from '../process/retention-store.ts';
import { isTerminal } from '../process/status.ts';
import type { Sandbox, SandboxStore } from '../sandbox/sandbox.ts';
import type { Kill } from './kill.ts';
import type { Log } from './log.ts';
import type { PausedSandboxes } from './paused.ts';

export interface ReapDependencies {
  readonly sandboxes: SandboxStore;
  readonly store: ProcessStore;
  readonly retention: RetentionStore;
  readonly outputs: OutputStore;
  readonly engine: ContainerEngine;
  readonly kill: Kill;
  readonly paused: PausedSandboxes;
  readonly log: Log;
}

export interface SandboxReaper {
  /**
   * Ends a sandbox of a tenant for good: from now on nothing is accepted in it. Then its processes are killed, and its records, output, volume and network
   * removed. Answers `deleting` when that takes longer than `withinMs`; it goes on, after a crash too.
   */
  remove(tenant: string, name: string, withinMs: number): Promise<'deleted' | 'deleting' | 'not_found'>;
  /** One round: ends those whose time is over, and goes on with those that an earlier round, or an earlier server, has not brought to their end. */
  sweep(): Promise<void>;
}

const PAGE = 500;
/** A container is removed a moment after its record has ended, and its volume and network cannot be before. */
const REMOVE_TRIES = 10;
const REMOVE_PAUSE_MS = 200;

export function createSandboxReaper(dependencies: ReapDependencies): SandboxReaper {
  const { sandboxes, log } = dependencies;
  const underWay = new Map<string, Promise<void>>();

  /** One at a time of each. */
  function reap(sandbox: Sandbox): Promise<void> {
    const before = underWay.get(sandbox.id);
    if (before) return before;
    const work = reapSandbox(dependencies, sandbox)
      .then(() => log.info({ sandbox: sandbox.id }, 'a sandbox and all that it had is gone'))
      .finally(() => underWay.delete(sandbox.id));
    underWay.set(sandbox.id, work);
    return work;
  }

  return {
    async remove(tenant, name, withinMs) {
      const discarded = await sandboxes.discard(tenant, name);
      if (!discarded) return 'not_found';
      const done = reap(discarded).then(
        () => 'deleted' as const,
        (error) => {
          log.warn({ err: error, sandbox: discarded.id }, 'a sandbox is not wholly removed yet; it is tried again');
          return 'deleting' as const;
        },
      );
      return Promise.race([done, sleep(withinMs, 'deleting' as const, { ref: false })]);
    },
    async sweep() {
      for (const { scope, id } of await sandboxes.expired(Date.now())) await sandboxes.discard(scope.tenant, id);
      await Promise.all((await sandboxes.discarded()).map(reap));
    },
  };
}

async function reapSandbox(dependencies: ReapDependencies, { scope, id }: Sandbox): Promise<void> {
  const { sandboxes, engine, kill, paused } = dependencies;
  for await (const records of pages(dependencies.store, scope)) {
    await Promise.all(records.filter(({ status }) => !isTerminal(status)).map((record) => kill(scope, record.id)));
  }
  await removeRecords(dependencies, scope);
  await removeContainers(engine, id);
  await untilRemoved(() => engine.removeVolume(id));
  await untilRemoved(() => engine.removeNetwork(id));
  // Its name may be used again.
  paused.delete(scope);
  await sandboxes.forget(id);
}

async function* pages(store: ProcessStore, scope: Scope): AsyncGenerator<readonly ProcessRecord[]> {
  for (let cursor: string | undefined; ; ) {
    const { records, nextCursor } = await store.list(scope, { limit: PAGE, cursor });
    yield records;
    if (nextCursor === null) return;
    cursor = nextCursor;
  }
}

async function removeRecords({ store, retention, outputs }: ReapDependencies, scope: Scope): Promise<void> {
  for await (const records of pages(store, scope)) {
    const removed = await retention.remove(records.map(({ id }) => id));
    await Promise.all(removed.map((id) => outputs.remove(id)));
    if (removed.length < records.length) throw new Error('processes of a discarded sandbox have not ended yet');
  }
}

/** Those without a record, too: a terminal would else go on for as long as somebody holds it. */
async function removeContainers(engine: ContainerEngine, sandboxId: string): Promise<void> {
  const those = (await engine.list()).filter((container) => container.sandboxId === sandboxId);
  await Promise.all(those.map(({ id }) => engine.remove(id)));
}

async function untilRemoved(remove: () => Promise<void>): Promise<void> {
  for (let left = REMOVE_TRIES; ; left -= 1) {
    try {
      return await remove();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(REMOVE_PAUSE_MS, undefined, { ref: false });
    }
  }
}
