import { createHash, randomBytes } from 'node:crypto';
import { newId } from '../ids.ts';
import type { TokenScope } from './caller.ts';

/** A tenant's key, without its secret: that is shown once, when it is made, and kept nowhere. */
export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly name: string | null;
  readonly scopes: readonly TokenScope[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface ApiKeyWish {
  readonly tenant: string;
  readonly name: string | null;
  readonly scopes: readonly TokenScope[];
}

/**
 * Where API keys live. Contract (test/contract/api-key-store.ts): what changes is on disk before the promise resolves, and seen at once by every other
 * handle on the same data, so that a running server takes a new key and refuses a revoked one.
 */
export interface ApiKeyStore {
  add(key: ApiKey, hash: string): Promise<void>;
  /** The key with this hash, unless it is revoked. */
  findValid(hash: string): Promise<ApiKey | undefined>;
  /** Oldest first, revoked ones too; of all tenants when none is named. */
  list(tenant?: string): Promise<readonly ApiKey[]>;
  /** For good. Answers the key, also one that was revoked before; undefined when there is none. */
  revoke(id: string): Promise<ApiKey | undefined>;
}

const PREFIX = 'crk_';

export function isApiKey(secret: string): boolean {
  return secret.startsWith(PREFIX);
}

/** A key with 256 random bits, which is why a plain hash of it is enough. */
export function newApiKey(wish: ApiKeyWish): { readonly key: ApiKey; readonly secret: string; readonly hash: string } {
  const secret = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  return { key: { ...wish, id: newId('key'), createdAt: Date.now(), revokedAt: null }, secret, hash: hashOfApiKey(secret) };
}

export function hashOfApiKey(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
