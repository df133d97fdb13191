import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import type { Config } from './config.ts';
import { connectDocker } from './engine/docker/connect.ts';
import { createDockerEngine } from './engine/docker/docker-engine.ts';
import { createEngineHealth } from './execution/engine-health.ts';
import { createEvents } from './execution/events.ts';
import { createKill } from './execution/kill.ts';
import { notifyingOutputs, notifyingStore } from './execution/notify.ts';
import { repeat } from './execution/periodic.ts';
import { createReconciler } from './execution/reconcile.ts';
import { recover } from './execution/recover.ts';
import { createRemove } from './execution/remove.ts';
import { createRetention } from './execution/retention.ts';
import { createScheduler } from './execution/scheduler.ts';
import { createSubmit } from './execution/submit.ts';
import { createSupervisor } from './execution/supervisor.ts';
import { createWaitUntilEnded } from './execution/wait.ts';
import { buildApp } from './http/app.ts';
import { imageReferences, readCatalog } from './images/catalog.ts';
import { readInstance } from './instance.ts';
import { createLanguageRegistry } from './languages/registry.ts';
import { createSpool } from './output/spool.ts';
import { readSecret } from './secret.ts';
import { openDatabase } from './store/sqlite/database.ts';
import { lockDataFolder } from './store/sqlite/lock.ts';
import { createSqliteProcessStore } from './store/sqlite/process-store.ts';
import { createSqliteRetentionStore } from './store/sqlite/retention-store.ts';
import { createSqliteSandboxStore } from './store/sqlite/sandbox-store.ts';
import { PROJECT_ROOT } from './version.ts';

const ENGINE_ANSWERS_MS = 3_000;

export interface Server {
  readonly app: FastifyInstance;
  /** `http://host:port`. */
  readonly url: string;
  readonly jwtSecret: string;
  /** Resolves, if ever, when the engine has shown only after the start that the store was lost: then nothing runs, and the server should end. */
  readonly failed: Promise<unknown>;
  /** Stops accepting and lets go; containers go on, and the next server on this data folder takes them up. */
  close(): Promise<void>;
}

/** Puts everything together and listens. The only importer of adapters. Rejects with CONFIG_INVALID when it cannot run as configured. */
export async function startServer(config: Config): Promise<Server> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(join(config.dataDir, 'lock'));
  const database = openDatabase(join(config.dataDir, 'coracle.sqlite'));
  const secret = readSecret(config);
  const log = pino({ level: config.logLevel });
  if (secret.generatedAt) log.info({ path: secret.generatedAt }, 'generated a secret for tokens; set CORACLE_JWT_SECRET to use one of your own');

  const events = createEvents();
  const store = notifyingStore(createSqliteProcessStore(database), events);
  const retention = createSqliteRetentionStore(database);
  const sandboxes = createSqliteSandboxStore(database);
  const outputs = notifyingOutputs(await createSpool(join(config.dataDir, 'output')), events);
  const languages = createLanguageRegistry(readCatalog(join(PROJECT_ROOT, 'images')).map(({ language }) => language));
  const engine = createDockerEngine({ docker: connectDocker(), instance: readInstance(config.dataDir), imageReference: imageReferences(config.imageTag) });
  const letGo = new AbortController();
  const closing = letGo.signal;
  const { limits, floodBytesPerSecond, maxContainers, maxQueued, leastFreeBytes, allowEmptyStore, sweepMs } = config;
  const supervisor = createSupervisor({ store, sandboxes, engine, outputs, languages, limits, floodBytesPerSecond, log, closing });
  const scheduler = createScheduler({ maxRunning: maxContainers, maxQueued, run: supervisor.run });
  const submit = createSubmit({ store, outputs, scheduler, languages, outputPolicy: config.output, leastFreeBytes });
  const kill = createKill({ store, scheduler, supervisor });
  const remove = createRemove({ store, retention, outputs });
  const waitUntilEnded = createWaitUntilEnded({ store, events });
  const health = createEngineHealth(engine);
  const app = await buildApp({ submit, kill, remove, waitUntilEnded, store, outputs, languages, health, jwtSecret: secret.value, logger: log });

  const { opened } = await recover({ store, retention, sandboxes, engine, scheduler, supervisor, log, allowEmptyStore, closing });
  // An engine that answers soon may show that the store was lost: then the start fails. One that is away is waited for while listening.
  await Promise.race([opened, sleep(ENGINE_ANSWERS_MS, undefined, { ref: false })]);
  const upkeep = { what: 'the upkeep of finished records', everyMs: sweepMs, work: createRetention(retention, outputs, config.retention) };
  const sweep = {
    what: 'the comparison of records and engine',
    everyMs: sweepMs,
    work: createReconciler({ store, retention, sandboxes, engine, outputs, scheduler, supervisor, log }),
  };
  repeat(upkeep, log, closing);
  // Before that, containers of what waits are in nobody's hands; and a store that looks lost must not have its leftovers removed as orphans.
  const failed = Promise.withResolvers<unknown>();
  opened.then(
    () => repeat(sweep, log, closing),
    (error) => closing.aborted || failed.resolve(error),
  );
  await app.listen({ host: config.host, port: config.port });
  const { port } = app.server.address() as AddressInfo;
  return {
    app,
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    jwtSecret: secret.value,
    failed: failed.promise,
    async close() {
      scheduler.close();
      letGo.abort();
      await app.close();
      database.close();
      unlock();
    },
  };
}
