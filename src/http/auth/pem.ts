import { createPublicKey } from 'node:crypto';
import { type FindKeys, publicKey, type TokenKey } from './keys.ts';

const BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;

/** The keys in a PEM text, public keys or certificates, each good for the one algorithm of its family. Throws an Error that says what to do. */
export function keysOfPem(text: string): FindKeys {
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0) throw new Error('it holds no PEM block "PUBLIC KEY" or "CERTIFICATE".');
  const keys = blocks.map(([block, label = '']) => toKey(block, label));
  // A PEM has no key ids: that of the token says nothing here.
  return async ({ alg }) => keys.filter(({ algorithm }) => algorithm === alg);
}

function toKey(block: string, label: string): TokenKey {
  if (label.includes('PRIVATE')) throw new Error('it holds a private key. Give the server the public key only.');
  return publicKey(createPublicKey(block));
}
