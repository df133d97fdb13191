import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Caller, mayUse, type TokenScope } from '../../tenancy/caller.ts';
import { createMint } from '../auth.ts';

export interface SandboxToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type MintSandboxToken = (sandbox: Sandbox, caller: Caller) => Promise<SandboxToken>;

/** What code in front of a sandbox needs; never the control plane. */
const AGENT_SCOPES: readonly TokenScope[] = ['processes:read', 'processes:write', 'files'];

/** Longer than any sandbox lives: its token must not end before it, as the SDKs keep the one that they got first, and each call looks whether it still lives. */
const TTL_SECONDS = 10 * 365 * 24 * 3600;

/** Tokens of sandboxes allow no more than the caller that asks for one may do. */
export function sandboxTokens(secret: string): MintSandboxToken {
  const mint = createMint(secret);
  return async ({ scope, id }, caller) => {
    const scopes = AGENT_SCOPES.filter((name) => mayUse(caller, name));
    const expiresAt = Date.now() + TTL_SECONDS * 1000;
    return { token: await mint({ tenant: scope.tenant, sandbox: id, scopes, ttlSeconds: TTL_SECONDS }), expiresAt };
  };
}
