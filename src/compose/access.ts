import type { TokenTrust } from '../config/access.ts';
import type { Log } from '../execution/log.ts';
import { apiKeyVerifier } from '../http/auth/api-keys.ts';
import { remoteKeys } from '../http/auth/jwks.ts';
import type { Verifier } from '../http/auth/jwt.ts';
import type { FindKeys } from '../http/auth/keys.ts';
import { keysOfPem } from '../http/auth/pem.ts';
import { createVerifiers } from '../http/auth/verifiers.ts';
import { reloadedFile } from '../reloaded-file.ts';
import type { ApiKeyStore } from '../tenancy/api-keys.ts';

export interface AccessOptions {
  readonly secret: string;
  readonly trust: TokenTrust;
  readonly apiKeys: ApiKeyStore;
  readonly log: Log;
  readonly closing: AbortSignal;
}

/** Who may call, as configured. Throws CONFIG_INVALID for a file of keys that cannot be used. */
export function createAccess({ secret, trust, apiKeys, log, closing }: AccessOptions): readonly Verifier[] {
  return [apiKeyVerifier(apiKeys), ...createVerifiers({ ...trust, secret, keys: hostKeys({ trust, log, closing }) })];
}

function hostKeys({ trust: { jwksUrl, publicKeyFile: path }, log, closing }: Omit<AccessOptions, 'secret' | 'apiKeys'>): FindKeys | undefined {
  if (jwksUrl !== undefined) return remoteKeys({ url: jwksUrl, log });
  if (path === undefined) return undefined;
  const onBadChange = (error: unknown) => log.error({ err: error, path }, 'the changed file of keys cannot be used; those before stay in force');
  const keys = reloadedFile({ path, parse: keysOfPem, onBadChange, closing });
  return (header) => keys()(header);
}
