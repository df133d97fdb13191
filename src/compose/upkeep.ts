import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { removeEmptyCgroups } from '../engine/docker/cgroups.ts';
import { createDiskGuard } from '../execution/disk-guard.ts';
import { repeat } from '../execution/periodic.ts';
import { createReconciler } from '../execution/reconcile.ts';
import { recover } from '../execution/recover.ts';
import { createRetention } from '../execution/retention.ts';
import { createUntilDone } from '../execution/retry.ts';
import { passChecks } from './doctor.ts';
import type { Execution } from './execution.ts';

const ENGINE_ANSWERS_MS = 3_000;
/** How often what is kept ready is fitted to demand and memory, besides whenever something starts. */
const TEND_MS = 5_000;
/** How often what the running sandboxes take on disk is counted: with the counting and the end of a process it has to be done within 5 s. */
const DISK_MS = 2_000;
/** How long the rules that hold the networks of sandboxes may lack after somebody has removed them. */
const RULES_MS = 5_000;
/** The cgroups of tenants that have nothing here are few, and cost some kilobytes each. */
const CGROUPS_MS = 600_000;
/** How late the end of a sandbox's time may be noticed; calls in it are refused at once. */
const REAP_MS = 1_000;

export interface Upkeep {
  /** Resolves, if ever, when the engine has shown only after the start that the store was lost: then nothing runs, and the server should end. */
  readonly failed: Promise<unknown>;
}

/** Takes up what an earlier server left, and from then on keeps records, engine and disk in agreement. Rejects with CONFIG_INVALID when the store looks lost. */
export async function startUpkeep(config: Config, execution: Execution): Promise<Upkeep> {
  const { engine, retention, outputs, reaper, limitsOf, log, closing } = execution;
  const { allowEmptyStore, sweepMs } = config;
  await execution.pauser.load();
  const { opened } = await recover({ ...execution, allowEmptyStore, passChecks: () => openEngine(config, execution) });
  // An engine that answers soon may show that the store was lost: then the start fails. One that is away is waited for while listening.
  await Promise.race([opened, sleep(ENGINE_ANSWERS_MS, undefined, { ref: false })]);
  const expire = {
    what: 'the upkeep of finished records',
    everyMs: sweepMs,
    work: createRetention(retention, outputs, { ...config.retention, mostBytesOf: (tenant) => limitsOf(tenant).retainedBytes }),
  };
  const sweep = { what: 'the comparison of records and engine', everyMs: sweepMs, work: createReconciler(execution) };
  repeat(expire, log, closing);
  repeat({ what: 'the tending of containers kept ready', everyMs: TEND_MS, work: async () => engine.tend() }, log, closing);
  if (config.egress.isOn) repeat({ what: 'the watch over network rules', everyMs: RULES_MS, work: () => guardNetworks(execution) }, log, closing);
  repeat({ what: 'the watch over disk space', everyMs: DISK_MS, work: createDiskGuard({ ...config, ...execution }) }, log, closing);
  repeat({ what: 'the removal of empty cgroups', everyMs: CGROUPS_MS, work: () => removeEmptyCgroups() }, log, closing);
  // Before that, containers of what waits are in nobody's hands; and a store that looks lost must not have its leftovers removed as orphans.
  const failed = Promise.withResolvers<unknown>();
  opened.then(
    () => {
      repeat(sweep, log, closing);
      repeat({ what: 'the end of sandboxes', everyMs: REAP_MS, work: reaper.sweep }, log, closing);
    },
    (error) => closing.aborted || failed.resolve(error),
  );
  return { failed: failed.promise };
}

/** What has to be so before anything runs. What sandboxes can be given is found out first, because answers tell it. */
async function openEngine(config: Config, execution: Execution): Promise<void> {
  const { egress, log, closing } = execution;
  const untilDone = createUntilDone(closing);
  const onFailure = (error: unknown) => log.warn({ err: error }, 'the networks of sandboxes could not be seen to; trying again');
  await untilDone(() => egress.look(log), onFailure);
  await passChecks(config, execution);
  egress.open();
  await untilDone(() => guardNetworks(execution), onFailure);
}

async function guardNetworks({ engine, log }: Execution): Promise<void> {
  if ((await engine.guardNetworks()) === 'raised') log.info({}, 'the rules for the networks of sandboxes are in place');
}
