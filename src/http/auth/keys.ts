import type { KeyObject } from 'node:crypto';
import type { Algorithm } from './plugin.ts';

/** What tokens are verified with: a secret or a public key, good for one algorithm. */
export interface TokenKey {
  readonly algorithm: Algorithm;
  /** A secret as it is, a public key as PEM. */
  readonly text: string;
}

/** What a token says of its key; nothing of it is proved. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid?: string;
}

/** The keys that a token with this header may have been signed with; none when there is no such key. */
export type FindKeys = (header: TokenHeader) => Promise<readonly TokenKey[]>;

export const OWN_ALGORITHM = 'HS256';
const LEAST_RSA_BITS = 2_048;

export function secretKey(secret: string): FindKeys {
  const keys = [{ algorithm: OWN_ALGORITHM, text: secret }] as const;
  return async () => keys;
}

/** Throws an Error that says what to do when it is of a kind that is not taken. */
export function publicKey(key: KeyObject): TokenKey {
  return { algorithm: algorithmOf(key), text: key.export({ type: 'spki', format: 'pem' }) as string };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm {
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS) return 'RS256';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  throw new Error(`it holds a key of the kind ${asymmetricKeyType}. Use RSA of ${LEAST_RSA_BITS} bits or more, EC on P-256, or Ed25519.`);
}
