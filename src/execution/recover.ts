import type { ContainerEngine, ContainerSummary } from '../engine/container-engine.ts';
import { CoracleError } from '../errors.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { RetentionStore } from '../process/retention-store.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import type { Log } from './log.ts';
import { createUntilDone } from './retry.ts';
import type { Scheduler } from './scheduler.ts';
import type { Supervisor } from './supervisor.ts';

export interface RecoverDependencies {
  readonly store: ProcessStore;
  readonly engine: ContainerEngine;
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;
  readonly log: Log;
  readonly retention: RetentionStore;
  readonly sandboxes: SandboxStore;
  /** Goes on when the store knows nothing of the containers that its instance has. */
  readonly allowEmptyStore: boolean;
  /** Aborted when the server lets go. */
  readonly closing: AbortSignal;
}

/**
 * Takes up what an earlier server of this store left. When this resolves, every record that has not ended is in the queue, in its old order, or followed,
 * so that kills find it and new processes line up behind. Nothing starts before `opened` resolves: that waits for the engine, since a queued record whose
 * container had been started before the record could say so must be followed instead of running twice. Containers of ended records are then removed.
 * `opened` rejects with CONFIG_INVALID when the store looks lost.
 */
export async function recover(dependencies: RecoverDependencies): Promise<{ readonly opened: Promise<void> }> {
  const { store, scheduler, supervisor, retention, allowEmptyStore } = dependencies;
  const [queued, running, isStoreEmpty] = await Promise.all([store.queued(), store.running(), retention.isEmpty()]);
  for (const record of running) scheduler.occupy(supervisor.adopt(record));
  for (const record of queued) scheduler.enqueue(record.scope.tenant, record.id);
  return { opened: openWhenEngineAnswers(dependencies, { queued, running, isSuspect: isStoreEmpty && !allowEmptyStore }) };
}

type Left = Readonly<Record<'queued' | 'running', readonly ProcessRecord[]>> & { readonly isSuspect: boolean };

/** A container or two may be left of records that have since expired; this many are not. */
const MANY = 3;

/** A store without records is one that is new or has rested; one that does not even know the sandboxes of the engine's volumes was lost. */
async function refuseLostStore({ sandboxes }: RecoverDependencies, containers: number, sandboxIds: readonly string[]): Promise<void> {
  const volumes = (await sandboxes.unknown(sandboxIds)).length;
  if (containers < MANY && volumes === 0) return;
  throw new CoracleError(
    'CONFIG_INVALID',
    `The store is empty, but the container engine holds ${containers} containers and ${volumes} unknown workspaces of this data folder's instance: was the store lost? Restore it, or set CORACLE_ALLOW_EMPTY_STORE=true to have them removed.`,
  );
}

async function openWhenEngineAnswers(dependencies: RecoverDependencies, { queued, running, isSuspect }: Left): Promise<void> {
  const { engine, scheduler, supervisor, log, closing } = dependencies;
  const [containers, volumes] = await createUntilDone(closing)(
    async () => [await engine.list(), isSuspect ? await engine.listVolumes() : []] as const,
    (error) => log.warn({ err: error }, 'the container engine is away; waiting for it'),
  );
  if (isSuspect) await refuseLostStore(dependencies, containers.length, volumes);
  const followed = new Set(running.map(({ id }) => id));
  const started = new Set(containers.map(({ processId }) => processId));
  for (const record of queued) {
    // One that was killed meanwhile is not in the queue any more, and its container an orphan.
    if (!started.has(record.id) || !scheduler.cancel(record.scope.tenant, record.id)) continue;
    scheduler.occupy(supervisor.adopt(record));
    followed.add(record.id);
  }
  const orphans = containers.filter(({ processId }) => !followed.has(processId));
  if (running.length + queued.length + orphans.length > 0)
    log.info({ running: running.length, queued: queued.length, removed: orphans.length }, 'took up what an earlier server left');
  scheduler.open();
  await Promise.all(orphans.map((container) => removeOrphan(engine, container, log)));
}

async function removeOrphan(engine: ContainerEngine, { id }: ContainerSummary, log: Log): Promise<void> {
  await engine.remove(id).catch((error) => log.warn({ err: error, container: id }, 'a container of an ended process could not be removed'));
}
