import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** Whoever sits between the server and its keys would be trusted. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

const keysUrl = z.string().refine(isSafeUrl, 'must be a URL that begins with https://, or with http:// on this machine');

function toList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Each as a browser sends it: scheme, host and port, nothing behind. */
const corsOrigins = z
  .string()
  .default('')
  .transform(toList)
  .refine(
    (origins) => origins.every((origin) => URL.parse(origin)?.origin === origin),
    'must be origins like https://app.example, without a path and without *',
  );

const addresses = z
  .string()
  .default('')
  .transform(toList)
  .refine((list) => list.every((address) => ipaddr.isValid(address) || ipaddr.isValidCIDR(address)), 'must be addresses or networks like 10.0.0.0/8');

/** Who may call. Spread into the one schema of the configuration. */
export const accessSettings = {
  CORACLE_JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= 32, 'must have at least 32 bytes')
    .optional()
    .describe('HS256 secret of the tokens, at least 32 bytes; generated in the data folder when absent'),
  CORACLE_JWT_JWKS_URL: keysUrl
    .optional()
    .describe('Keys of an identity provider whose tokens (RS256, ES256, EdDSA) are taken in place of those signed with the secret'),
  CORACLE_JWT_PUBLIC_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('The same from a PEM file of one or more public keys or certificates; read again when it changes'),
  CORACLE_JWT_ISSUER: z.string().min(1).optional().describe('What iss of a token has to be'),
  CORACLE_JWT_AUDIENCE: z.string().min(1).optional().describe('What aud of a token has to be or to hold'),
  CORACLE_CORS_ORIGINS: corsOrigins.describe('Origins of web pages that may call, with commas between'),
  CORACLE_AUDIT_LOG: z.string().min(1).optional().describe('File for the audit log, JSON lines; the log stream when absent'),
  CORACLE_TRUSTED_PROXIES: addresses.describe('Addresses or networks of proxies, with commas between, whose X-Forwarded-For is believed'),
  CORACLE_JWT_TENANT_CLAIM: z.string().min(1).optional().describe('The claim that says the tenant; tenant, or else sub, when absent'),
};

type AccessValues = z.output<z.ZodObject<typeof accessSettings>>;

/** Whose tokens are taken, besides this server's own. */
export interface TokenTrust {
  readonly jwksUrl: string | undefined;
  /** Absolute. */
  readonly publicKeyFile: string | undefined;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  /** The first that a token has counts. */
  readonly tenantClaims: readonly string[];
}

export interface AccessConfig {
  /** As browsers send them. */
  readonly corsOrigins: readonly string[];
  readonly jwtSecret: string | undefined;
  readonly tokens: TokenTrust;
  /** Absolute; the log stream when absent. */
  readonly auditLog: string | undefined;
  readonly trustedProxies: readonly string[];
}

export function toAccess(value: AccessValues): AccessConfig {
  const { CORACLE_JWT_PUBLIC_KEY_FILE: publicKeyFile, CORACLE_JWT_TENANT_CLAIM: tenantClaim, CORACLE_AUDIT_LOG: auditLog } = value;
  return {
    jwtSecret: value.CORACLE_JWT_SECRET,
    corsOrigins: value.CORACLE_CORS_ORIGINS,
    auditLog: auditLog === undefined ? undefined : resolve(auditLog),
    trustedProxies: value.CORACLE_TRUSTED_PROXIES,
    tokens: {
      jwksUrl: value.CORACLE_JWT_JWKS_URL,
      publicKeyFile: publicKeyFile === undefined ? undefined : resolve(publicKeyFile),
      issuer: value.CORACLE_JWT_ISSUER,
      audience: value.CORACLE_JWT_AUDIENCE,
      tenantClaims: tenantClaim === undefined ? ['tenant', 'sub'] : [tenantClaim],
    },
  };
}

/** What no single setting is wrong in. */
export function checkTogether(value: AccessValues, context: z.RefinementCtx): void {
  const complain = (name: keyof AccessValues, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  if (!value.CORACLE_JWT_JWKS_URL) return;
  if (value.CORACLE_JWT_PUBLIC_KEY_FILE) complain('CORACLE_JWT_PUBLIC_KEY_FILE', 'cannot be set beside CORACLE_JWT_JWKS_URL: say one place for keys');
  for (const name of ['CORACLE_JWT_ISSUER', 'CORACLE_JWT_AUDIENCE'] as const) {
    if (!value[name]) complain(name, "must be set beside CORACLE_JWT_JWKS_URL: else the provider's tokens for other services would be taken");
  }
}
