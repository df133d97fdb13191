import fastifyJwt from '@fastify/jwt';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Scope } from '../process/record.ts';
import { HttpError } from './errors.ts';

const MAX_TOKEN_BYTES = 8 * 1024;
const ALGORITHM = 'HS256';
export const DEFAULT_SANDBOX = 'default';

const identifier = z.string().regex(/^[\w.:@|-]{1,128}$/);

/** `tenant`, or `sub` where there is none, says who is billed and isolated; `sandbox` says where calls act. */
const claimsSchema = z.object({ tenant: identifier.optional(), sub: identifier.optional(), sandbox: identifier.default(DEFAULT_SANDBOX) });

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose call it is; set before the body is read. */
    scope: Scope;
  }
}

async function installJwt(app: FastifyInstance, secret: string): Promise<void> {
  await app.register(fastifyJwt, { secret, sign: { algorithm: ALGORITHM }, verify: { algorithms: [ALGORITHM], requiredClaims: ['exp'] } });
}

/** Every route of `app` that is registered after this wants a token, checked before the body is read. */
export async function requireToken(app: FastifyInstance, secret: string): Promise<void> {
  await installJwt(app, secret);
  app.decorateRequest('scope');
  app.addHook('onRequest', async (request) => {
    request.scope = await authenticate(request);
  });
}

async function authenticate(request: FastifyRequest): Promise<Scope> {
  const header = request.headers.authorization ?? '';
  if (header === '') throw refusal('AUTHENTICATION_REQUIRED', 'Send a token: "Authorization: Bearer <token>".');
  if (Buffer.byteLength(header) > MAX_TOKEN_BYTES) throw refusal('INVALID_TOKEN', 'The token is longer than 8 KiB.');
  const claims = claimsSchema.safeParse(await verify(request));
  if (!claims.success) throw refusal('INVALID_TOKEN', 'The claims tenant, sub and sandbox take 1 to 128 characters of A-Z a-z 0-9 _ . : @ | - each.');
  const tenant = claims.data.tenant ?? claims.data.sub;
  if (!tenant) throw refusal('INVALID_TOKEN', 'The token says neither a tenant nor a sub.');
  return { tenant, sandbox: claims.data.sandbox };
}

async function verify(request: FastifyRequest): Promise<unknown> {
  try {
    return await request.jwtVerify();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED') throw refusal('TOKEN_EXPIRED', 'The token has expired. Ask for a new one.');
    throw refusal(
      'INVALID_TOKEN',
      `The token cannot be used. It must be "Bearer" and a JWT signed with ${ALGORITHM} and this server's secret, with the claim exp.`,
    );
  }
}

function refusal(code: 'AUTHENTICATION_REQUIRED' | 'INVALID_TOKEN' | 'TOKEN_EXPIRED', message: string): HttpError {
  return new HttpError({ status: 401, code, error: 'Unauthorized', message });
}

export interface TokenRequest {
  readonly tenant: string;
  readonly sandbox?: string | undefined;
  /** Seconds until it expires. */
  readonly ttlSeconds: number;
}

/** Signs a token that `requireToken` accepts. Throws a ZodError for a tenant or sandbox that no token may carry. */
export async function mintToken(secret: string, { tenant, sandbox, ttlSeconds }: TokenRequest): Promise<string> {
  claimsSchema.parse({ tenant, sandbox });
  const app = Fastify();
  await installJwt(app, secret);
  await app.ready();
  return app.jwt.sign({ tenant, ...(sandbox === undefined ? {} : { sandbox }) }, { expiresIn: `${ttlSeconds}s` });
}
