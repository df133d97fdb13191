import type { ContainerEngine } from '../engine/container-engine.ts';
import { isEngineAway } from '../errors.ts';
import type { OutputStore } from '../output/output-store.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { RetentionStore } from '../process/retention-store.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import type { Log } from './log.ts';
import type { Scheduler } from './scheduler.ts';
import type { Supervisor } from './supervisor.ts';

export interface ReconcileDependencies {
  readonly store: ProcessStore;
  readonly retention: RetentionStore;
  readonly sandboxes: SandboxStore;
  readonly engine: ContainerEngine;
  readonly outputs: OutputStore;
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;
  readonly log: Log;
  /** Containers without a record that are in use. */
  readonly helpers: { has(containerId: string): boolean };
}

/** A container may be on the engine for this long before its server has taken notice of it. */
const CREATION_GRACE_MS = 60_000;

/**
 * Compares what the records say with what the engine and the disk hold, and mends what nobody sees to: a record that has not ended and is in nobody's
 * hands is taken up again; a container, volume, network or spool without a record is removed. Each only when it was so in the sweep before too, because a sweep
 * looks at one place after another while everything moves. Rejects when the engine is away or the store fails; the next sweep tries again.
 */
export function createReconciler(dependencies: ReconcileDependencies): () => Promise<void> {
  const twice = createStrikes();
  return async () => {
    await takeUpAbandoned(dependencies, twice);
    await removeOrphans(dependencies, twice);
  };
}

/** Answers those of the names that the last call of the same kind had too. */
type Twice = (kind: string, names: readonly string[]) => readonly string[];

function createStrikes(): Twice {
  const before = new Map<string, ReadonlySet<string>>();
  return (kind, names) => {
    const seen = before.get(kind);
    before.set(kind, new Set(names));
    return names.filter((name) => seen?.has(name));
  };
}

async function listAlive({ store }: ReconcileDependencies): Promise<ProcessRecord[]> {
  return [...(await store.running()), ...(await store.queued())];
}

async function takeUpAbandoned(dependencies: ReconcileDependencies, twice: Twice): Promise<void> {
  const { scheduler, supervisor, log } = dependencies;
  const abandoned = (await listAlive(dependencies)).filter(({ id, scope }) => !supervisor.has(id) && !scheduler.isWaiting(scope.tenant, id));
  const ids = new Set(
    twice(
      'record',
      abandoned.map(({ id }) => id),
    ),
  );
  for (const record of abandoned.filter(({ id }) => ids.has(id))) {
    log.warn({ process: record.id }, "a process was in nobody's hands; taking it up again");
    if (record.status === 'queued') scheduler.enqueue(record.scope, record.id, record.limits);
    else scheduler.occupy(record.scope.tenant, supervisor.adopt(record), record.limits);
  }
}

async function removeOrphans(dependencies: ReconcileDependencies, twice: Twice): Promise<void> {
  const { retention, sandboxes, engine, outputs } = dependencies;
  const kinds = [
    { kind: 'container', names: await orphanedContainers(dependencies), remove: engine.remove },
    { kind: 'volume', names: await sandboxes.unknown(await engine.listVolumes()), remove: engine.removeVolume },
    { kind: 'network', names: await sandboxes.unknown(await engine.listNetworks()), remove: engine.removeNetwork },
    { kind: 'spool', names: await retention.unknown(await outputs.list()), remove: outputs.remove },
  ];
  for (const { kind, names, remove } of kinds) {
    for (const name of twice(kind, names)) await removeOrphan(dependencies, { kind, name, remove });
  }
}

/** A record that runs keeps its container, also when nobody has it in hand: it is about to be taken up. Read after the engine was asked. */
async function orphanedContainers({ engine, store, helpers }: ReconcileDependencies): Promise<string[]> {
  const old = (await engine.list()).filter(({ createdAt }) => Date.now() - createdAt > CREATION_GRACE_MS);
  const owned = new Set((await store.running()).map(({ containerId }) => containerId));
  return old.filter(({ id }) => !owned.has(id) && !helpers.has(id)).map(({ id }) => id);
}

interface Orphan {
  readonly kind: string;
  readonly name: string;
  readonly remove: (name: string) => Promise<void>;
}

/** One that cannot be removed, such as a volume that a container still has, keeps no other from being removed; the next sweep tries again. */
async function removeOrphan({ log }: ReconcileDependencies, { kind, name, remove }: Orphan): Promise<void> {
  log.warn({ kind, name }, 'removing what belongs to no record');
  await remove(name).catch((error) => {
    if (isEngineAway(error)) throw error;
    log.warn({ err: error, kind, name }, 'what belongs to no record could not be removed; it is tried again');
  });
}
