import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import type { Config } from './config.ts';
import { connectDocker } from './engine/docker/connect.ts';
import { createDockerEngine } from './engine/docker/docker-engine.ts';
import { createEngineHealth } from './execution/engine-health.ts';
import { createKill } from './execution/kill.ts';
import { recover } from './execution/recover.ts';
import { createScheduler } from './execution/scheduler.ts';
import { createSubmit } from './execution/submit.ts';
import { createSupervisor } from './execution/supervisor.ts';
import { buildApp } from './http/app.ts';
import { imageReference, readCatalog } from './images/catalog.ts';
import { createLanguageRegistry } from './languages/registry.ts';
import { createSpool } from './output/spool.ts';
import { readSecret } from './secret.ts';
import { openDatabase } from './store/sqlite/database.ts';
import { lockDataFolder } from './store/sqlite/lock.ts';
import { instanceOf } from './store/sqlite/meta.ts';
import { createSqliteProcessStore } from './store/sqlite/process-store.ts';
import { createSqliteSandboxStore } from './store/sqlite/sandbox-store.ts';
import { PROJECT_ROOT } from './version.ts';

export interface Server {
  readonly app: FastifyInstance;
  /** `http://host:port`. */
  readonly url: string;
  readonly jwtSecret: string;
  /** Stops accepting and lets go; containers go on, and the next server on this data folder takes them up. */
  close(): Promise<void>;
}

/** Puts everything together and listens. The only importer of adapters. Rejects with CONFIG_INVALID when it cannot run as configured. */
export async function startServer(config: Config): Promise<Server> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(join(config.dataDir, 'lock'));
  const database = openDatabase(join(config.dataDir, 'coracle.sqlite'));
  const secret = readSecret(config);
  const logger = pino({ level: config.logLevel });
  if (secret.generatedAt) logger.info({ path: secret.generatedAt }, 'generated a secret for tokens; set CORACLE_JWT_SECRET to use one of your own');

  const store = createSqliteProcessStore(database);
  const sandboxes = createSqliteSandboxStore(database);
  const outputs = await createSpool(join(config.dataDir, 'output'));
  const languages = createLanguageRegistry(readCatalog(join(PROJECT_ROOT, 'images')).map(({ language }) => language));
  const engine = createDockerEngine({ docker: connectDocker(), instance: instanceOf(database), imageReference });
  const letGo = new AbortController();
  const closing = letGo.signal;
  const { limits, keptOutputBytes, maxContainers, maxQueued } = config;
  const supervisor = createSupervisor({ store, sandboxes, engine, outputs, languages, limits, keptOutputBytes, log: logger, closing });
  const scheduler = createScheduler({ maxRunning: maxContainers, maxQueued, run: supervisor.run });
  const submit = createSubmit({ store, scheduler, languages });
  const kill = createKill({ store, scheduler, supervisor });
  const health = createEngineHealth(engine);
  const app = await buildApp({ submit, kill, store, outputs, languages, health, jwtSecret: secret.value, logger });

  const { opened } = await recover({ store, engine, scheduler, supervisor, log: logger, closing });
  opened.catch((error) => closing.aborted || logger.error({ err: error }, 'what an earlier server left could not be taken up'));
  await app.listen({ host: config.host, port: config.port });
  const { port } = app.server.address() as AddressInfo;
  return {
    app,
    url: `http://${config.host}:${port}`,
    jwtSecret: secret.value,
    async close() {
      scheduler.close();
      letGo.abort();
      await app.close();
      database.close();
      unlock();
    },
  };
}
