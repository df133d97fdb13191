import { jwtVerifier, OWN_ALGORITHM, ownTokens, secretKey, type Verifier } from './jwt.ts';

/** Who is trusted, in the order in which they are asked: this server itself, and hosts that know its secret. */
export function createVerifiers(secret: string): readonly Verifier[] {
  return [ownTokens(secret), jwtVerifier({ key: secretKey(secret), algorithms: [OWN_ALGORITHM], tenantClaims: ['tenant', 'sub'] })];
}
