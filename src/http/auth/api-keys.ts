import { type ApiKeyStore, hashOfApiKey, isApiKey } from '../../tenancy/api-keys.ts';
import { DEFAULT_SANDBOX } from '../../tenancy/caller.ts';
import type { Verifier } from './jwt.ts';
import { invalidToken } from './refusals.ts';

/** Keys that `coracle keys create` made. Each call asks the store, so that a revoked key is refused at once. */
export function apiKeyVerifier(keys: ApiKeyStore): Verifier {
  return async (secret) => {
    if (!isApiKey(secret)) return undefined;
    const key = await keys.findValid(hashOfApiKey(secret));
    if (!key) throw invalidToken();
    return { tenant: key.tenant, sandbox: DEFAULT_SANDBOX, scopes: new Set(key.scopes), subject: key.id, credential: 'api_key' };
  };
}
