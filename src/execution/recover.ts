import type { ContainerEngine, ContainerSummary } from '../engine/container-engine.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
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
  /** Aborted when the server lets go. */
  readonly closing: AbortSignal;
}

/**
 * Takes up what an earlier server of this store left. When this resolves, every record that has not ended is in the queue, in its old order, or followed,
 * so that kills find it and new processes line up behind. Nothing starts before `opened` resolves: that waits for the engine, since a queued record whose
 * container had been started before the record could say so must be followed instead of running twice. Containers of ended records are then removed.
 */
export async function recover(dependencies: RecoverDependencies): Promise<{ readonly opened: Promise<void> }> {
  const { store, scheduler, supervisor } = dependencies;
  const [queued, running] = await Promise.all([store.queued(), store.running()]);
  for (const record of running) scheduler.occupy(supervisor.adopt(record));
  for (const record of queued) scheduler.enqueue(record.scope.tenant, record.id);
  return { opened: openWhenEngineAnswers(dependencies, { queued, running }) };
}

type Left = Readonly<Record<'queued' | 'running', readonly ProcessRecord[]>>;

async function openWhenEngineAnswers({ engine, scheduler, supervisor, log, closing }: RecoverDependencies, { queued, running }: Left): Promise<void> {
  const containers = await createUntilDone(closing)(
    () => engine.list(),
    (error) => log.warn({ err: error }, 'the container engine is away; waiting for it'),
  );
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
