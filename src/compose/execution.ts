import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { createControl } from '../execution/control.ts';
import { createEngineRoom } from '../execution/engine-room.ts';
import { createExecute } from '../execution/execute.ts';
import { createKill } from '../execution/kill.ts';
import { createKillMany } from '../execution/kill-many.ts';
import type { Log } from '../execution/log.ts';
import { createSandboxPauser } from '../execution/pause-sandbox.ts';
import { createPausedSandboxes } from '../execution/paused.ts';
import { createSandboxReaper } from '../execution/reap-sandboxes.ts';
import { createRemove } from '../execution/remove.ts';
import { createScheduler, type Scheduler } from '../execution/scheduler.ts';
import { createSubmit } from '../execution/submit.ts';
import { createSupervisor } from '../execution/supervisor.ts';
import { warmingSandboxes } from '../execution/warm-sandbox.ts';
import { readCatalog } from '../images/catalog.ts';
import { createLanguageRegistry } from '../languages/registry.ts';
import { PROJECT_ROOT } from '../version.ts';
import { createEngine } from './engine.ts';
import { createFollowing } from './following.ts';
import type { Storage } from './storage.ts';
import { createLimits } from './tenancy.ts';
import { createWorkspaceParts } from './workspace.ts';

/** What is left of the pool after that ends by itself, and the next server removes it. */
const POOL_CLOSES_MS = 3_000;

/** The use-cases on a data folder and an engine, which the server and the embedded executor share. Nothing runs before `startUpkeep` has taken up what was left. */
export type Execution = ReturnType<typeof createExecution>;

export function createExecution(config: Config, storage: Storage, log: Log) {
  const { events, store, retention, sandboxes, outputs } = storage;
  const languages = createLanguageRegistry(readCatalog(join(PROJECT_ROOT, 'images')).map(({ language }) => language));
  const letGo = new AbortController();
  const closing: AbortSignal = letGo.signal;
  const { limits, floodBytesPerSecond, maxContainers, maxQueued, leastFreeBytes } = config;
  const limitsOf = createLimits({ path: config.tenantsFile, log, closing });
  const inEngine = createEngine(config, { running: () => scheduler.counts().running, limitsOf });
  const { engine } = inEngine;
  const paused = createPausedSandboxes();
  const inSandboxes = createWorkspaceParts(config, { engine, sandboxes, log, languages });
  const supervisor = createSupervisor({ ...inSandboxes, paused, store, sandboxes, engine, outputs, languages, floodBytesPerSecond, log, closing });
  const scheduler: Scheduler = createScheduler({ paused, maxRunning: maxContainers, maxQueued, usual: limits, limitsOf, run: supervisor.run });
  const submit = createSubmit({
    store,
    sandboxes,
    outputs,
    scheduler,
    languages,
    outputPolicy: config.output,
    usual: limits,
    runtimes: config.runtimes,
    leastFreeBytes,
    engineRoom: createEngineRoom(engine),
    limitsOf,
  });
  const kill = createKill({ store, scheduler, supervisor });
  const following = createFollowing(storage);
  return {
    ...storage,
    ...inSandboxes,
    sandboxes: warmingSandboxes({ sandboxes, pool: engine, languages, usual: limits, runtime: config.runtimes.standard }),
    ...inEngine,
    languages,
    supervisor,
    scheduler,
    limitsOf,
    log,
    closing,
    submit,
    kill,
    reaper: createSandboxReaper({ ...storage, engine, kill, paused, log }),
    pauser: createSandboxPauser({ sandboxes, paused, scheduler, supervisor }),
    execute: createExecute({ ...following, submit, kill, paused, log }),
    killMany: createKillMany({ store, kill }),
    control: createControl({ store, events, supervisor, paused }),
    remove: createRemove({ store, retention, outputs }),
    ...following,
    /** Starts nothing more and records nothing more; containers go on, and those that were only kept ready are removed. */
    async letGo(): Promise<void> {
      scheduler.close();
      letGo.abort();
      await Promise.race([engine.close(), sleep(POOL_CLOSES_MS, undefined, { ref: false })]);
    },
  };
}
