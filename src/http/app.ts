import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, LogController } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { Control } from '../execution/control.ts';
import type { EngineHealth } from '../execution/engine-health.ts';
import type { Execute } from '../execution/execute.ts';
import type { Kill } from '../execution/kill.ts';
import type { KillMany } from '../execution/kill-many.ts';
import type { Remove } from '../execution/remove.ts';
import type { Submit } from '../execution/submit.ts';
import type { WaitUntilEnded } from '../execution/wait.ts';
import type { WatchProcess } from '../execution/watch-process.ts';
import type { WatchSandbox } from '../execution/watch-sandbox.ts';
import { newId } from '../ids.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import type { LookAtMachine } from '../machine.ts';
import type { OutputStore } from '../output/output-store.ts';
import type { ProcessStore } from '../process/process-store.ts';
import type { WebhookStore } from '../webhooks/webhook-store.ts';
import type { OpenTerminal } from '../workspace/terminal.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { type Audit, installAudit } from './audit.ts';
import type { Verifier } from './auth/jwt.ts';
import { requireToken } from './auth.ts';
import { endConnectionsOnClose } from './connections.ts';
import { installCors } from './cors.ts';
import { answerFrameworkError, installErrorHandlers } from './errors.ts';
import { installGone } from './gone.ts';
import { HTTP_LIMITS, type HttpLimits, installHttpLimits, serverOptions } from './http-limits.ts';
import { installJsonBody } from './json-body.ts';
import { countRequests, observeRequests } from './observe.ts';
import { installOpenApi } from './openapi.ts';
import { answerProtocolError } from './protocol-errors.ts';
import { installRateLimit } from './rate-limit.ts';
import { absentRoutes } from './routes/absent.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { asyncRoutes } from './routes/async.ts';
import { backgroundRoutes } from './routes/background.ts';
import { commandRoutes } from './routes/commands.ts';
import { controlRoutes } from './routes/control.ts';
import { envRoutes } from './routes/env.ts';
import { eventRoutes } from './routes/events.ts';
import { executeRoutes } from './routes/execute.ts';
import { fileRoutes } from './routes/files.ts';
import { killRoutes } from './routes/kill.ts';
import { listRoutes } from './routes/list.ts';
import { machineRoutes } from './routes/machine.ts';
import { type MetricsRoutesDependencies, metricsRoutes } from './routes/metrics.ts';
import { outputRoutes } from './routes/output.ts';
import { processRoutes } from './routes/processes.ts';
import { type QuotaRoutesDependencies, quotaRoutes } from './routes/quota.ts';
import { type SandboxRoutesDependencies, sandboxRoutes } from './routes/sandboxes.ts';
import { healthRoutes, languageRoutes } from './routes/server.ts';
import { streamRoutes } from './routes/stream.ts';
import { templateRoutes } from './routes/templates.ts';
import { terminalRoutes } from './routes/terminal.ts';
import { watchRoutes } from './routes/watch.ts';
import { requireSandbox } from './sandbox-gate.ts';
import { installSecurityHeaders } from './security-headers.ts';
import { installSockets } from './sockets/install.ts';
import { installTurnstile } from './turnstile.ts';

export interface AppDependencies
  extends SandboxRoutesDependencies,
    Pick<MetricsRoutesDependencies, 'activity' | 'serverMetrics'>,
    Omit<QuotaRoutesDependencies, 'sandboxes'> {
  readonly submit: Submit;
  readonly kill: Kill;
  readonly killMany: KillMany;
  readonly control: Control;
  readonly execute: Execute;
  readonly workspace: Workspace;
  readonly openTerminal: OpenTerminal;
  readonly mostFileBytes: number;
  /** Where uploads lie until they are whole. */
  readonly uploadsFolder: string;
  readonly remove: Remove;
  readonly waitUntilEnded: WaitUntilEnded;
  readonly watchProcess: WatchProcess;
  readonly watchSandbox: WatchSandbox;
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
  readonly languages: LanguageRegistry;
  readonly health: EngineHealth;
  readonly lookAtMachine: LookAtMachine;
  readonly webhooks: WebhookStore;
  /** Whether callbacks may go to addresses that are not public. */
  readonly allowPrivateCallbacks: boolean;
  /** Asked in turn whose a token is. */
  readonly verifiers: readonly Verifier[];
  /** Of web pages that may call; usually none. */
  readonly corsOrigins: readonly string[];
  readonly audit: Audit;
  /** Whose word is taken for where a call comes from. */
  readonly trustedProxies: readonly string[];
  readonly httpLimits?: Partial<HttpLimits>;
  readonly logger: FastifyBaseLogger | false;
}

/** 1 MiB of code takes up to 6 MiB as JSON, when every byte is escaped. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** The HTTP server, not yet listening: every collaborator is an argument. */
export async function buildApp(dependencies: AppDependencies): Promise<FastifyInstance> {
  const limits = { ...HTTP_LIMITS, ...dependencies.httpLimits };
  const app = Fastify({
    ...(dependencies.logger ? { loggerInstance: dependencies.logger } : {}),
    bodyLimit: BODY_LIMIT,
    ...serverOptions(limits),
    trustProxy: dependencies.trustedProxies.length > 0 ? [...dependencies.trustedProxies] : false,
    clientErrorHandler: answerProtocolError,
    frameworkErrors: answerFrameworkError,
    forceCloseConnections: 'idle',
    genReqId: () => newId('req'),
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 256 },
  });
  installHttpLimits(app, limits);
  app.setValidatorCompiler(validatorCompiler);
  // The schemas of answers document them and the tests hold the answers to them; at run time an answer is never a reason to fail.
  app.setSerializerCompiler(() => JSON.stringify);
  installJsonBody(app);
  installErrorHandlers(app);
  installGone(app);
  endConnectionsOnClose(app);
  app.addHook('onRequest', async (request, reply) => void reply.header('X-Request-ID', request.id));
  installSecurityHeaders(app);
  await installCors(app, dependencies.corsOrigins);
  await installOpenApi(app);
  observeRequests(app, dependencies.serverMetrics);
  await app.register(healthRoutes(dependencies));
  await app.register(machineRoutes(dependencies));
  await app.register(async (guarded) => {
    installAudit(guarded, dependencies.audit);
    requireToken(guarded, dependencies.verifiers);
    await installRateLimit(guarded, dependencies.limitsOf);
    installTurnstile(guarded);
    await guarded.register(languageRoutes(dependencies));
    await guarded.register(absentRoutes());
    await guarded.register(quotaRoutes(dependencies));
    await guarded.register(sandboxRoutes(dependencies));
    await guarded.register(templateRoutes(dependencies));
    await guarded.register(agentRoutes(dependencies));
  });
  return app;
}

function socketRoutes(dependencies: AppDependencies): FastifyPluginAsync {
  return async (guarded) => {
    const sockets = await installSockets(guarded);
    await guarded.register(streamRoutes({ ...dependencies, sockets }));
    await guarded.register(watchRoutes(dependencies));
    await guarded.register(terminalRoutes(dependencies));
  };
}

/** What acts in one sandbox. */
function agentRoutes(dependencies: AppDependencies): FastifyPluginAsync {
  return async (guarded) => {
    requireSandbox(guarded, dependencies.sandboxes);
    countRequests(guarded, dependencies.activity);
    await guarded.register(metricsRoutes(dependencies));
    await guarded.register(backgroundRoutes(dependencies));
    await guarded.register(asyncRoutes(dependencies));
    await guarded.register(executeRoutes(dependencies));
    await guarded.register(commandRoutes(dependencies));
    await guarded.register(listRoutes(dependencies));
    await guarded.register(processRoutes(dependencies));
    await guarded.register(outputRoutes(dependencies));
    await guarded.register(eventRoutes(dependencies));
    await guarded.register(killRoutes(dependencies));
    await guarded.register(controlRoutes(dependencies));
    await guarded.register(artifactRoutes(dependencies));
    await guarded.register(envRoutes(dependencies));
    await guarded.register(fileRoutes(dependencies));
    await guarded.register(socketRoutes(dependencies));
  };
}
