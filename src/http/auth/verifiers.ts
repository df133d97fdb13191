import type { JWTVerifyGetKey } from 'jose';
import { jwtVerifier, OWN_ALGORITHM, ownTokens, secretKey, type Verifier } from './jwt.ts';

export interface Trust {
  readonly secret: string;
  /** Of an identity provider, in place of the secret, for tokens that this server did not sign itself. */
  readonly keys?: JWTVerifyGetKey | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly tenantClaims: readonly string[];
}

const OF_PUBLIC_KEYS = ['RS256', 'ES256', 'EdDSA'];

/** Who is trusted, in the order in which they are asked: this server itself, then its host. A key is only ever used for algorithms of its own family. */
export function createVerifiers({ secret, keys, ...claims }: Trust): readonly Verifier[] {
  const host = keys ? { key: keys, algorithms: OF_PUBLIC_KEYS } : { key: secretKey(secret), algorithms: [OWN_ALGORITHM] };
  return [ownTokens(secret), jwtVerifier({ ...claims, ...host })];
}
