import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Log } from '../../execution/log.ts';
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
export function remoteKeys({ url, log, maxAgeMs = MAX_AGE_MS, cooldownMs = COOLDOWN_MS }: RemoteKeysOptions): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: ANSWER_MS, cacheMaxAge: maxAgeMs, cooldownDuration: cooldownMs });
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (header, token) => {
    if (!keys.fresh && Date.now() - failedAt < cooldownMs) throw keysUnavailable();
    try {
      return await keys(header, token);
    } catch (error) {
      if (isOfToken(error)) throw error;
      failedAt = Date.now();
      log.error({ err: error, url }, 'the keys that tokens are checked with could not be fetched');
      throw keysUnavailable();
    }
  };
}

/** Whether it is the token, and not the way to the keys, that is wrong. */
function isOfToken(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported;
}
