import type { JWT } from '@fastify/jwt';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Scope } from '../process/record.ts';
import { type Caller, mayUse, TOKEN_SCOPES, type TokenScope } from '../tenancy/caller.ts';
import { identifier } from './auth/claims.ts';
import { OWN_ISSUER, type Verifier } from './auth/jwt.ts';
import { OWN_ALGORITHM } from './auth/keys.ts';
import { openJwt } from './auth/plugin.ts';
import { invalidToken, missingScope, missingToken } from './auth/refusals.ts';
import { routeSecurity } from './auth/route-scope.ts';

const MAX_TOKEN_BYTES = 8 * 1024;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set before the body is read. */
    caller: Caller;
    /** Where the call acts. */
    scope: Scope;
  }
}

/**
 * Every route of `app` that is registered after this wants a token with the scope that its `config.scope` names, checked before the body is read. Each verifier is asked
 * in turn until one knows the token.
 */
export function requireToken(app: FastifyInstance, verifiers: readonly Verifier[]): void {
  app.decorateRequest('caller');
  app.decorateRequest('scope');
  app.addHook('onRoute', routeSecurity);
  app.addHook('onRequest', async (request) => {
    const caller = await authenticate(request, verifiers);
    const { tenant, sandbox } = caller;
    request.caller = caller;
    request.scope = { tenant, sandbox };
    const wanted = request.routeOptions.config.scope;
    if (wanted !== 'any' && !mayUse(caller, wanted as TokenScope)) throw missingScope(wanted as TokenScope);
  });
}

async function authenticate(request: FastifyRequest, verifiers: readonly Verifier[]): Promise<Caller> {
  const token = tokenOf(request);
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw invalidToken();
  for (const verify of verifiers) {
    const caller = await verify(token);
    if (caller) return caller;
  }
  throw invalidToken();
}

/** Where there are both, `Authorization` counts. */
function tokenOf({ headers }: FastifyRequest): string {
  const { authorization, 'x-api-key': apiKey } = headers;
  if (!authorization && !apiKey) throw missingToken();
  if (!authorization) return String(apiKey);
  const [, token] = /^Bearer +([^\s,]+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw invalidToken();
  return token;
}

export interface TokenRequest {
  readonly tenant: string;
  readonly sandbox?: string | undefined;
  /** All but `admin` when absent. */
  readonly scopes?: readonly TokenScope[] | undefined;
  /** Seconds until it expires. */
  readonly ttlSeconds: number;
}

const mintable = z.object({ tenant: identifier, sandbox: identifier.optional(), scopes: z.array(z.enum(TOKEN_SCOPES)).optional() });

export type Mint = (request: TokenRequest) => Promise<string>;

/** Signs tokens that `ownTokens` accepts. Rejects with a ZodError for what no token may carry. */
export function createMint(secret: string): Mint {
  let opened: Promise<JWT> | undefined;
  return async (request) => {
    const { tenant, sandbox, scopes } = mintable.parse(request);
    const claims = { tenant, ...(sandbox === undefined ? {} : { sandbox }), ...(scopes === undefined ? {} : { scope: scopes.join(' ') }) };
    opened ??= openJwt({ secret, sign: { algorithm: OWN_ALGORITHM, iss: OWN_ISSUER }, verify: { algorithms: [OWN_ALGORITHM] } });
    return (await opened).sign(claims, { expiresIn: request.ttlSeconds });
  };
}

/** For who signs only one. */
export function mintToken(secret: string, request: TokenRequest): Promise<string> {
  return createMint(secret)(request);
}
