import { join } from 'node:path';
import type { Config } from '../config.ts';
import { connectDocker } from '../engine/docker/connect.ts';
import { createDockerEngine } from '../engine/docker/docker-engine.ts';
import { createExecute } from '../execution/execute.ts';
import { createKill } from '../execution/kill.ts';
import type { Log } from '../execution/log.ts';
import { createRemove } from '../execution/remove.ts';
import { createScheduler } from '../execution/scheduler.ts';
import { createSubmit } from '../execution/submit.ts';
import { createSupervisor } from '../execution/supervisor.ts';
import { createWaitUntilEnded } from '../execution/wait.ts';
import { createWatchProcess } from '../execution/watch-process.ts';
import { createWatchSandbox } from '../execution/watch-sandbox.ts';
import { imageReferences, readCatalog } from '../images/catalog.ts';
import { readInstance } from '../instance.ts';
import { createLanguageRegistry } from '../languages/registry.ts';
import { PROJECT_ROOT } from '../version.ts';
import type { Storage } from './storage.ts';
import { createLimits } from './tenancy.ts';

/** The use-cases on a data folder and an engine, which the server and the embedded executor share. Nothing runs before `startUpkeep` has taken up what was left. */
export type Execution = ReturnType<typeof createExecution>;

export function createExecution(config: Config, storage: Storage, log: Log) {
  const { events, store, retention, statusLog, sandboxes, outputs } = storage;
  const languages = createLanguageRegistry(readCatalog(join(PROJECT_ROOT, 'images')).map(({ language }) => language));
  const engine = createDockerEngine({ docker: connectDocker(), instance: readInstance(config.dataDir), imageReference: imageReferences(config.imageTag) });
  const letGo = new AbortController();
  const closing: AbortSignal = letGo.signal;
  const { limits, floodBytesPerSecond, maxContainers, maxQueued, leastFreeBytes } = config;
  const limitsOf = createLimits({ path: config.tenantsFile, log, closing });
  const supervisor = createSupervisor({ store, sandboxes, engine, outputs, languages, limits, floodBytesPerSecond, log, closing });
  const scheduler = createScheduler({ maxRunning: maxContainers, maxQueued, usual: limits, limitsOf, run: supervisor.run });
  const submit = createSubmit({ store, sandboxes, outputs, scheduler, languages, outputPolicy: config.output, leastFreeBytes, limitsOf });
  const kill = createKill({ store, scheduler, supervisor });
  const waitUntilEnded = createWaitUntilEnded({ store, events });
  return {
    ...storage,
    engine,
    languages,
    supervisor,
    scheduler,
    limitsOf,
    log,
    closing,
    submit,
    kill,
    execute: createExecute({ submit, kill, waitUntilEnded }),
    remove: createRemove({ store, retention, outputs }),
    waitUntilEnded,
    watchProcess: createWatchProcess({ store, outputs, events }),
    watchSandbox: createWatchSandbox({ statusLog, events }),
    /** Starts nothing more and records nothing more; containers go on. */
    letGo(): void {
      scheduler.close();
      letGo.abort();
    },
  };
}
