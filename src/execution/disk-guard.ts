import type { ContainerEngine } from '../engine/container-engine.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { SandboxStore } from '../sandbox/sandbox.ts';
import { type DiskUse, sandboxesToStop } from '../tenancy/disk-rules.ts';
import type { LimitsOf } from '../tenancy/limits.ts';
import type { Log } from './log.ts';
import type { Supervisor } from './supervisor.ts';

export interface DiskGuardDependencies {
  readonly store: ProcessStore;
  readonly sandboxes: SandboxStore;
  readonly engine: Pick<ContainerEngine, 'diskUse'>;
  readonly supervisor: Pick<Supervisor, 'interrupt'>;
  readonly limitsOf: LimitsOf;
  /** Most that one sandbox may take. */
  readonly workspaceBytes: number;
  readonly leastFreeBytes: number;
  readonly log: Log;
}

/** One look at what the running sandboxes take on the engine's disk; ends the processes of those that write beyond it. Call it every other second. */
export function createDiskGuard(dependencies: DiskGuardDependencies): () => Promise<void> {
  const { store, engine, supervisor, limitsOf, workspaceBytes, leastFreeBytes, log } = dependencies;
  let before: { readonly bytes: ReadonlyMap<string, number>; readonly ids: ReadonlySet<string> } = { bytes: new Map(), ids: new Set() };
  return async () => {
    const running = await findRunning(dependencies, await store.running());
    if (running.size === 0) return;
    const { bytes, freeBytes } = await engine.diskUse([...running.keys()]);
    const uses = [...running].flatMap(([sandboxId, records]): DiskUse[] => {
      const [taken, tenant] = [bytes.get(sandboxId), records[0]?.scope.tenant];
      if (taken === undefined || tenant === undefined) return [];
      const hadRun = records.some(({ id }) => before.ids.has(id));
      return [{ sandboxId, tenant, bytes: taken, before: hadRun ? before.bytes.get(sandboxId) : undefined }];
    });
    before = { bytes, ids: new Set([...running.values()].flat().map(({ id }) => id)) };
    const tenantBytes = (tenant: string) => limitsOf(tenant).workspaceBytes;
    for (const sandboxId of sandboxesToStop(uses, { sandboxBytes: workspaceBytes, tenantBytes, freeBytes, leastFreeBytes })) {
      log.warn({ sandbox: sandboxId, bytes: bytes.get(sandboxId), freeBytes }, 'a sandbox writes beyond its bounds; its processes are ended');
      for (const { id } of running.get(sandboxId) ?? []) supervisor.interrupt(id, 'disk_limit').catch(() => undefined);
    }
  };
}

/** The running processes of each sandbox, by its id. */
async function findRunning({ sandboxes }: DiskGuardDependencies, records: readonly ProcessRecord[]): Promise<Map<string, ProcessRecord[]>> {
  const ids = await Promise.all(records.map(async ({ scope }) => (await sandboxes.find(scope.tenant, scope.sandbox))?.id));
  const bySandbox = Map.groupBy(records, (record) => ids[records.indexOf(record)] ?? '');
  bySandbox.delete('');
  return bySandbox;
}
