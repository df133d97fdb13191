import { createPublicKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose';

const BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;
const LEAST_RSA_BITS = 2_048;

/** The keys in a PEM text, public keys or certificates, each good for the one algorithm of its family. Throws an Error that says what to do. */
export function keysOfPem(text: string): JWTVerifyGetKey {
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0) throw new Error('it holds no PEM block "PUBLIC KEY" or "CERTIFICATE".');
  const keys = createLocalJWKSet({ keys: blocks.map(([block, label = '']) => toJwk(block, label)) });
  // A PEM has no key ids: that of the token says nothing here.
  return async ({ alg }) => keys({ alg });
}

function toJwk(block: string, label: string): JWK {
  if (label.includes('PRIVATE')) throw new Error('it holds a private key. Give the server the public key only.');
  const key = createPublicKey(block);
  return { ...(key.export({ format: 'jwk' }) as JWK), alg: algorithmOf(key) };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS) return 'RS256';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  throw new Error(`it holds a key of the kind ${asymmetricKeyType}. Use RSA of ${LEAST_RSA_BITS} bits or more, EC on P-256, or Ed25519.`);
}
