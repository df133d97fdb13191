import type { JWT } from '@fastify/jwt';
import type { Caller } from '../../tenancy/caller.ts';
import { type Claims, callerOf } from './claims.ts';
import { type FindKeys, OWN_ALGORITHM, secretKey, type TokenKey } from './keys.ts';
import { type Algorithm, openJwt } from './plugin.ts';
import { expiredToken, invalidToken } from './refusals.ts';
import { readUnproved, type Unproved } from './unproved.ts';

/** Whose a token is; undefined when it is not of the kind that this verifier knows. Throws the HttpError that answers a bad one. */
export type Verifier = (token: string) => Promise<Caller | undefined>;

/** Between the clocks of who signs and who verifies. */
const CLOCK_TOLERANCE_MS = 5_000;
/** Of tokens that this server signs. */
export const OWN_ISSUER = 'coracle';

export interface JwtTrust {
  readonly keys: FindKeys;
  /** Of one family with the keys; a token of another does not have them looked for. */
  readonly algorithms: readonly Algorithm[];
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Names of the claim that says the tenant; the first that a token has counts. */
  readonly tenantClaims: readonly string[];
}

/** Tokens that this server signed itself. */
export function ownTokens(secret: string): Verifier {
  const verify = jwtVerifier({ keys: secretKey(secret), algorithms: [OWN_ALGORITHM], issuer: OWN_ISSUER, tenantClaims: ['tenant'] });
  return async (token) => (readUnproved(token)?.issuer === OWN_ISSUER ? verify(token) : undefined);
}

/** Tokens that the host of the server signs. Those that prove nothing are all refused alike. */
export function jwtVerifier(trust: JwtTrust): Verifier {
  const open = opener(trust);
  return async (token) => {
    const unproved = readUnproved(token);
    if (!unproved) return undefined;
    const keys = mayBeTrue(unproved, trust) ? await trust.keys(unproved.header) : [];
    for (const key of keys) {
      const claims = verified(await open(key), token);
      if (claims) return callerOf(claims, trust.tenantClaims);
    }
    throw invalidToken();
  };
}

/** No extension of the header is known here, so none may be critical; fast-jwt overlooks a `crit` that is null or empty. */
function mayBeTrue({ header: { alg, crit } }: Unproved, { algorithms }: JwtTrust): boolean {
  return crit === undefined && algorithms.some((algorithm) => algorithm === alg);
}

/** Each key has a plugin of its own, made when it is first wanted, that knows no other and only its one algorithm. */
function opener({ issuer, audience }: JwtTrust): (key: TokenKey) => Promise<JWT> {
  const opened = new WeakMap<TokenKey, Promise<JWT>>();
  // Claims that fast-jwt compares only when they are there.
  const requiredClaims = ['exp', ...(issuer === undefined ? [] : ['iss']), ...(audience === undefined ? [] : ['aud'])];
  const wanted = {
    requiredClaims,
    clockTolerance: CLOCK_TOLERANCE_MS,
    ...(issuer === undefined ? {} : { allowedIss: issuer }),
    ...(audience === undefined ? {} : { allowedAud: audience }),
  };
  return (key) => {
    const jwt = opened.get(key) ?? openJwt({ secret: { public: key.text }, verify: { ...wanted, algorithms: [key.algorithm] } });
    opened.set(key, jwt);
    return jwt;
  };
}

/** Undefined when the key is not the one it was signed with. Throws the HttpError that answers a token which is bad otherwise. */
function verified(jwt: JWT, token: string): Claims | undefined {
  try {
    return withTimes(jwt.verify<Claims>(token));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'FAST_JWT_INVALID_SIGNATURE' || code === 'FAST_JWT_VERIFY_ERROR') return undefined;
    if (code === 'FAST_JWT_EXPIRED' && isGoodButForItsEnd(jwt, token)) throw expiredToken();
    // Also what is no TokenError: for times that no date can be made of a RangeError comes.
    throw invalidToken();
  }
}

/** fast-jwt looks at the end before issuer and audience: a token for somebody else learns nothing of its own. */
function isGoodButForItsEnd(jwt: JWT, token: string): boolean {
  try {
    withTimes(jwt.verify<Claims>(token, { ignoreExpiration: true }));
    return true;
  } catch {
    return false;
  }
}

function withTimes(claims: Claims): Claims {
  if (claims['iat'] !== undefined && typeof claims['iat'] !== 'number') throw invalidToken();
  return claims;
}
