import { randomBytes } from 'node:crypto';

/** `prefix_` and 128 random bits in 22 URL-safe characters: unguessable, so that an id tells nothing of other tenants' work. */
export function newId(prefix: 'proc' | 'exec' | 'req' | 'sbx' | 'inst' | 'key' | 'dlv'): string {
  return `${prefix}_${randomBytes(16).toString('base64url')}`;
}
