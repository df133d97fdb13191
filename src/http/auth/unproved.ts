import { isUtf8 } from 'node:buffer';
import type { TokenHeader } from './keys.ts';

/** What a token says before anything is proved: it decides only who has to prove it, and with which key. */
export interface Unproved {
  readonly header: TokenHeader & { readonly crit?: unknown };
  readonly issuer: unknown;
}

/** Undefined when it is no JWT. */
export function readUnproved(token: string): Unproved | undefined {
  const [header, claims, signature, more] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more !== undefined) return undefined;
  try {
    return { header: read(header) as unknown as TokenHeader, issuer: read(claims)['iss'] };
  } catch {
    return undefined;
  }
}

/** Text that is not UTF-8 would be verified as it is and then read as something else. */
function read(part: string): Record<string, unknown> {
  const bytes = Buffer.from(part, 'base64url');
  if (!isUtf8(bytes)) throw new TypeError('not UTF-8');
  const value: unknown = JSON.parse(bytes.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return value as Record<string, unknown>;
}
