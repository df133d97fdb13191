import type { ContainerEngine, ContainerSummary } from '../engine/container-engine.ts';
import { CoracleError } from '../errors.ts';
import type { ProcessStore } from '../process/process-store.ts';
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
  /** Resolves when the engine may be used; rejects with CONFIG_INVALID when it is not safe. Nothing starts before. */
  readonly passChecks?: () => Promise<void>;
  /** Aborted when the server lets go. */
  readonly closing: AbortSignal;
}

/**
 * Takes up what an earlier server of this store left. When this resolves, every record that has not ended is in the queue, in its old order, or followed,
 * so that kills find it and new processes line up behind. Nothing starts before `opened` resolves: that waits for the engine, which may show that the store
 * was lost (CONFIG_INVALID). Containers that no running record names are then removed; none of them runs what is on record as queued, because a container
 * gets its job only when it is on record.
 */
export async function recover(dependencies: RecoverDependencies): Promise<{ readonly opened: Promise<void> }> {
  const { store, scheduler, supervisor, retention, allowEmptyStore } = dependencies;
  const [queued, running, isStoreEmpty] = await Promise.all([store.queued(), store.running(), retention.isEmpty()]);
  for (const record of running) scheduler.occupy(record.scope.tenant, supervisor.adopt(record), record.limits);
  for (const record of queued) scheduler.enqueue(record.scope, record.id, record.limits);
  const left = { queued: queued.length, running: running.length, isSuspect: isStoreEmpty && !allowEmptyStore };
  return { opened: openWhenEngineAnswers(dependencies, left) };
}

interface Left {
  readonly queued: number;
  readonly running: number;
  readonly isSuspect: boolean;
}

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
  const { store, engine, scheduler, log, closing, passChecks } = dependencies;
  const [containers, volumes] = await createUntilDone(closing)(
    async () => [await engine.list(), isSuspect ? await engine.listVolumes() : []] as const,
    (error) => log.warn({ err: error }, 'the container engine is away; waiting for it'),
  );
  const checked = passChecks?.();
  // It is waited for below; until then its failure is nobody's.
  checked?.catch(() => undefined);
  if (isSuspect) await refuseLostStore(dependencies, containers.length, volumes);
  // Read only now: a process that is started anew has another container than it had before.
  const owned = new Set((await store.running()).map(({ containerId }) => containerId));
  const orphans = containers.filter(({ id }) => !owned.has(id));
  if (running + queued + orphans.length > 0) log.info({ running, queued, removed: orphans.length }, 'took up what an earlier server left');
  await checked;
  scheduler.open();
  await Promise.all(orphans.map((container) => removeOrphan(engine, container, log)));
}

async function removeOrphan(engine: ContainerEngine, { id }: ContainerSummary, log: Log): Promise<void> {
  await engine.remove(id).catch((error) => log.warn({ err: error, container: id }, 'a container of an ended process could not be removed'));
}
