import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { createAccess } from './compose/access.ts';
import { createAudit } from './compose/audit.ts';
import { createControlPlane } from './compose/control-plane.ts';
import { createExecution } from './compose/execution.ts';
import { createFigures } from './compose/figures.ts';
import { openStorage } from './compose/storage.ts';
import { startUpkeep } from './compose/upkeep.ts';
import { startWebhooks } from './compose/webhooks.ts';
import type { Config } from './config.ts';
import { createEngineHealth } from './execution/engine-health.ts';
import { buildApp } from './http/app.ts';
import { readSecret } from './secret.ts';

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

/** Connections that the kernel holds for us while we are busy; over Node's own 511 a burst of clients would see some reset. */
const BACKLOG = 4_096;

/** Puts everything together and listens. Rejects with CONFIG_INVALID when it cannot run as configured. */
export async function startServer(config: Config): Promise<Server> {
  const storage = await openStorage(config.dataDir);
  const secret = readSecret(config);
  const log = pino({ level: config.logLevel });
  if (secret.generatedAt) log.info({ path: secret.generatedAt }, 'generated a secret for tokens; set CORACLE_JWT_SECRET to use one of your own');
  const execution = createExecution(config, storage, log);
  const { allowPrivateCallbacks, corsOrigins, trustedProxies, auditLog, mostFileBytes } = config;
  const app = await buildApp({
    ...execution,
    ...(await createControlPlane(config, execution, secret.value)),
    allowPrivateCallbacks,
    corsOrigins,
    trustedProxies,
    audit: createAudit(auditLog, log),
    mostFileBytes,
    uploadsFolder: join(config.dataDir, 'uploads'),
    ...createFigures(config, execution),
    health: createEngineHealth(execution.engine),
    verifiers: createAccess({ ...execution, secret: secret.value, trust: config.tokens }),
    logger: log,
  });
  const { failed } = await startUpkeep(config, execution);
  startWebhooks({ ...execution, allowPrivate: allowPrivateCallbacks });
  await app.listen({ host: config.host, port: config.port, backlog: BACKLOG });
  return {
    app,
    url: addressOf(app, config.host),
    jwtSecret: secret.value,
    failed,
    async close() {
      await execution.letGo();
      await app.close();
      storage.close();
    },
  };
}

function addressOf(app: FastifyInstance, host: string): string {
  const { port } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
