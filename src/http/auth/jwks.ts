import { KeyObject } from 'node:crypto';
import { type CryptoKey, createRemoteJWKSet, errors } from 'jose';
import type { Log } from '../../execution/log.ts';
import { type FindKeys, publicKey, type TokenHeader, type TokenKey } from './keys.ts';
import { keysUnavailable } from './refusals.ts';

export interface RemoteKeysOptions {
  readonly url: string;
  readonly log: Log;
  /** How long keys are used before they are fetched again. */
  readonly maxAgeMs?: number;
  /** Least time between two fetches for key ids that are not known, and after one that failed: who sends made-up tokens causes no more. */
  readonly cooldownMs?: number;
}

const ANSWER_MS = 3_000;
const MAX_AGE_MS = 600_000;
const COOLDOWN_MS = 10_000;

/**
 * The keys of an identity provider, fetched when first wanted, when they are old, and when a token names one that is not among them. While they cannot be
 * had no token is taken: keys throws SERVICE_UNAVAILABLE.
 */
export function remoteKeys({ url, log, maxAgeMs = MAX_AGE_MS, cooldownMs = COOLDOWN_MS }: RemoteKeysOptions): FindKeys {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: ANSWER_MS, cacheMaxAge: maxAgeMs, cooldownDuration: cooldownMs });
  const known = new WeakMap<CryptoKey, TokenKey | null>();
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (header) => {
    if (!keys.fresh && Date.now() - failedAt < cooldownMs) throw keysUnavailable();
    try {
      return (await matching(keys, header)).flatMap((key) => usable(key, known));
    } catch (error) {
      failedAt = Date.now();
      log.error({ err: error, url }, 'the keys that tokens are checked with could not be fetched');
      throw keysUnavailable();
    }
  };
}

/** None when it is the token, and not the way to the keys, that is wrong; several where the key's id does not decide. */
async function matching(keys: ReturnType<typeof createRemoteJWKSet>, header: TokenHeader): Promise<readonly CryptoKey[]> {
  try {
    return [await keys({ ...header })];
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return allOf(error);
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JOSENotSupported) return [];
    throw error;
  }
}

async function allOf(keys: AsyncIterable<CryptoKey>): Promise<readonly CryptoKey[]> {
  const all: CryptoKey[] = [];
  for await (const key of keys) all.push(key);
  return all;
}

/** A key that is weaker than we take is as one that is not there. The same key is the same object as long as the set is not fetched anew. */
function usable(key: CryptoKey, known: WeakMap<CryptoKey, TokenKey | null>): readonly TokenKey[] {
  if (!known.has(key)) known.set(key, strongEnough(key));
  const found = known.get(key);
  return found ? [found] : [];
}

function strongEnough(key: CryptoKey): TokenKey | null {
  try {
    return publicKey(KeyObject.from(key));
  } catch {
    return null;
  }
}
