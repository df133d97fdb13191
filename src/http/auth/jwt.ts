import { type CryptoKey, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Caller } from '../../tenancy/caller.ts';
import { callerOf } from './claims.ts';
import { expiredToken, invalidToken } from './refusals.ts';

/** Whose a token is; undefined when it is not of the kind that this verifier knows. Throws the HttpError that answers a bad one. */
export type Verifier = (token: string) => Promise<Caller | undefined>;

/** Between the clocks of who signs and who verifies. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** Of tokens that this server signs. */
export const OWN_ISSUER = 'coracle';
export const OWN_ALGORITHM = 'HS256';

export interface JwtTrust {
  /** Answers the key for a token's header; of one family with `algorithms`. */
  readonly key: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Names of the claim that says the tenant; the first that a token has counts. */
  readonly tenantClaims: readonly string[];
}

/** Tokens that this server signed itself. */
export function ownTokens(secret: string): Verifier {
  const key = secretKey(secret);
  const verify = jwtVerifier({ key, algorithms: [OWN_ALGORITHM], issuer: OWN_ISSUER, tenantClaims: ['tenant'] });
  return async (token) => (issuerOf(token) === OWN_ISSUER ? verify(token) : undefined);
}

/** Tokens that the host of the server signs. Those that prove nothing are all refused alike. */
export function jwtVerifier({ key, algorithms, issuer, audience, tenantClaims }: JwtTrust): Verifier {
  const options = {
    algorithms: [...algorithms],
    requiredClaims: ['exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  return async (token) => {
    if (issuerOf(token) === null) return undefined;
    return callerOf(await verified(token, key, options), tenantClaims);
  };
}

async function verified(token: string, key: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw refusalOf(error);
    return verifiedByOne(token, error, options);
  }
}

/** Where the key's id does not decide, each key of the right kind is tried. */
async function verifiedByOne(token: string, keys: AsyncIterable<CryptoKey>, options: JWTVerifyOptions): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refusalOf(error);
    }
  }
  throw invalidToken();
}

export function secretKey(secret: string): JWTVerifyGetKey {
  const key = new TextEncoder().encode(secret);
  return async () => key;
}

/** What a token claims, before anything is proved: it decides only who has to prove it. Null when it is no JWT. */
function issuerOf(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    return null;
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return expiredToken();
  return error instanceof errors.JOSEError || error instanceof TypeError ? invalidToken() : error;
}
