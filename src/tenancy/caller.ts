/** What a token or key may allow. Each route wants one of them, or none in particular. */
export const TOKEN_SCOPES = ['processes:read', 'processes:write', 'files', 'sandboxes', 'admin'] as const;

export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** Of a token that names none: everything of its tenant, and nothing of the server. */
export const DEFAULT_TOKEN_SCOPES: readonly TokenScope[] = TOKEN_SCOPES.filter((scope) => scope !== 'admin');

/** The sandbox of a token that names none. */
export const DEFAULT_SANDBOX = 'default';

/** Who makes a call, and where it acts. */
export interface Caller {
  /** Who is billed and isolated: 1 to 128 characters of `A-Z a-z 0-9 _ . : @ | -`. */
  readonly tenant: string;
  readonly sandbox: string;
  readonly scopes: ReadonlySet<TokenScope>;
  /** Which of the tenant's users or keys it is, as far as the token says; for the audit log, never for a decision. */
  readonly subject: string | null;
  readonly credential: 'token' | 'api_key';
}

/** `admin` allows everything. */
export function mayUse({ scopes }: Pick<Caller, 'scopes'>, wanted: TokenScope): boolean {
  return scopes.has(wanted) || scopes.has('admin');
}

/**
 * Reads a scope claim: names in one text with spaces between (RFC 8693, section 4.2) or in a list. Names that are not ours are passed over, so that a token
 * of an identity provider may carry its own. Without a claim the default scopes are meant; with one that names none of ours, none are.
 */
export function readTokenScopes(claim: unknown): ReadonlySet<TokenScope> {
  if (claim === undefined || claim === null) return new Set(DEFAULT_TOKEN_SCOPES);
  const names: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return new Set(TOKEN_SCOPES.filter((scope) => names.includes(scope)));
}
