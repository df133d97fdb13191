import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { type AppDependencies, buildApp } from '../../src/http/app.ts';
import { sandboxTokens } from '../../src/http/auth/sandbox-token.ts';
import { createVerifiers } from '../../src/http/auth/verifiers.ts';
import { mintToken } from '../../src/http/auth.ts';
import { createMachine } from '../../src/machine.ts';
import { createActivity } from '../../src/metrics/activity.ts';
import { createServerMetrics } from '../../src/metrics/prometheus.ts';
import { templatesOf } from '../../src/sandbox/templates.ts';
import { LANGUAGES, LIMITS, type Place, type startServer } from './place.ts';

export const JWT_SECRET = 'a secret for tests that has 32 bytes';

/** The API in front of a server under test, without a socket. */
export function appOf(place: Place, server: ReturnType<typeof startServer>, differences: Partial<AppDependencies> = {}): Promise<FastifyInstance> {
  const { store, sandboxes, outputs, webhooks, retention } = place;
  return buildApp({
    ...server,
    submit: server.accept,
    store,
    sandboxes,
    retention,
    webhooks,
    corsOrigins: [],
    audit: () => undefined,
    trustedProxies: [],
    mostFileBytes: 1024 * 1024,
    uploadsFolder: join(tmpdir(), `coracle-uploads-${randomUUID()}`),
    outputs,
    allowPrivateCallbacks: false,
    languages: LANGUAGES,
    templates: templatesOf(LANGUAGES.all),
    limits: LIMITS,
    diskBytes: 2 ** 40,
    offersInternet: () => false,
    publicUrl: undefined,
    mintSandboxToken: sandboxTokens(JWT_SECRET),
    activity: createActivity(server.events),
    serverMetrics: createServerMetrics(server.events, server.scheduler),
    lookAtMachine: createMachine('/'),
    health: { isReachable: async () => true },
    verifiers: createVerifiers({ secret: JWT_SECRET, tenantClaims: ['tenant', 'sub'] }),
    logger: false,
    ...differences,
  });
}

export interface Injected {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
  readonly body: any;
}

export type Inject = (method: NonNullable<InjectOptions['method']>, url: string, body?: object) => Promise<Injected>;

/** A tenant's way to the app. */
export async function injectorOf(app: FastifyInstance, tenant = 'acme', sandbox?: string): Promise<Inject> {
  return injectorWith(app, await mintToken(JWT_SECRET, { tenant, sandbox, ttlSeconds: 60 }));
}

export function injectorWith(app: FastifyInstance, token: string): Inject {
  return async (method, url, body) => {
    const response = await app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(body ? { payload: body } : {}) });
    return { status: response.statusCode, headers: response.headers, body: response.json() };
  };
}
