import { jwtVerifier, ownTokens, type Verifier } from './jwt.ts';
import { type FindKeys, OWN_ALGORITHM, secretKey } from './keys.ts';
import type { Algorithm } from './plugin.ts';

export interface Trust {
  readonly secret: string;
  /** Of an identity provider, in place of the secret, for tokens that this server did not sign itself. */
  readonly keys?: FindKeys | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly tenantClaims: readonly string[];
}

const OF_PUBLIC_KEYS: readonly Algorithm[] = ['RS256', 'ES256', 'EdDSA'];

/** Who is trusted, in the order in which they are asked: this server itself, then its host. A key is only ever used for algorithms of its own family. */
export function createVerifiers({ secret, keys, ...claims }: Trust): readonly Verifier[] {
  const host = keys ? { keys, algorithms: OF_PUBLIC_KEYS } : { keys: secretKey(secret), algorithms: [OWN_ALGORITHM] as const };
  return [ownTokens(secret), jwtVerifier({ ...claims, ...host })];
}
