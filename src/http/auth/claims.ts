import { z } from 'zod';
import { type Caller, DEFAULT_SANDBOX, readTokenScopes } from '../../tenancy/caller.ts';
import { invalidClaims } from './refusals.ts';

/** Of tenants and sandboxes. */
export const identifier = z.string().regex(/^[\w.:@|-]{1,128}$/);

const MAX_SUBJECT = 128;

export type Claims = Readonly<Record<string, unknown>>;

/** The caller that verified claims stand for: the first of `tenantClaims` that is there says the tenant. Throws INVALID_TOKEN. */
export function callerOf(claims: Claims, tenantClaims: readonly string[]): Caller {
  const tenantClaim = tenantClaims.find((name) => claims[name] !== undefined);
  if (tenantClaim === undefined) throw invalidClaims(`The token does not say whose it is: it lacks the claim ${tenantClaims.join(' or ')}.`);
  return {
    tenant: read(claims, tenantClaim),
    sandbox: claims['sandbox'] === undefined ? DEFAULT_SANDBOX : read(claims, 'sandbox'),
    scopes: readTokenScopes(claims['scope'] ?? claims['scopes'] ?? claims['scp']),
    subject: typeof claims['sub'] === 'string' ? claims['sub'].slice(0, MAX_SUBJECT) : null,
    credential: 'token',
  };
}

function read(claims: Claims, name: string): string {
  const parsed = identifier.safeParse(claims[name]);
  if (!parsed.success) throw invalidClaims(`The claim ${name} takes 1 to 128 characters of A-Z a-z 0-9 _ . : @ | -.`);
  return parsed.data;
}
