import type { Sandbox, SandboxChange } from './sandbox.ts';

/** When the sandbox's life ends as things stand at `now`, in milliseconds since 1970; `null` for never. A pause does not count. */
export function expiryOf({ expiresAt, pausedAt }: Pick<Sandbox, 'expiresAt' | 'pausedAt'>, now: number): number | null {
  if (expiresAt === null) return null;
  return pausedAt === null ? expiresAt : expiresAt + (now - pausedAt);
}

export function isOver(sandbox: Pick<Sandbox, 'expiresAt' | 'pausedAt'>, now: number): boolean {
  const expiry = expiryOf(sandbox, now);
  return expiry !== null && expiry <= now;
}

/** Nothing changes for one that is paused already. */
export function pausing(now: number): (sandbox: Sandbox) => SandboxChange {
  return ({ pausedAt }) => (pausedAt === null ? { pausedAt: now } : {});
}

export function resuming(now: number): (sandbox: Sandbox) => SandboxChange {
  return (sandbox) => ({ pausedAt: null, expiresAt: expiryOf(sandbox, now) });
}

/** The whole time-out counts from `now`, whatever was left of the last one. */
export function livingFor(seconds: number, now: number): (sandbox: Sandbox) => SandboxChange {
  return ({ pausedAt }) => ({ timeoutSeconds: seconds, expiresAt: (pausedAt ?? now) + seconds * 1000 });
}
