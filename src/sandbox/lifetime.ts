import type { Pause } from './pause.ts';
import type { Sandbox, SandboxChange } from './sandbox.ts';

/** So many of a sandbox are remembered: for the time-outs of processes that outlive the server, and those last a day at most. */
const MOST_PAUSES = 1_000;

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
  return (sandbox) => ({ pausedAt: null, expiresAt: expiryOf(sandbox, now), pauses: pausesUntil(sandbox, now).slice(-MOST_PAUSES) });
}

/** The whole time-out counts from `now`, whatever was left of the last one. */
export function livingFor(seconds: number, now: number): (sandbox: Sandbox) => SandboxChange {
  return ({ pausedAt }) => ({ timeoutSeconds: seconds, expiresAt: (pausedAt ?? now) + seconds * 1000 });
}

/** All pauses of a sandbox that are known, the one that goes on included. */
export function pausesUntil({ pauses, pausedAt }: Pick<Sandbox, 'pauses' | 'pausedAt'>, now: number): readonly Pause[] {
  return pausedAt === null ? pauses : [...pauses, { from: pausedAt, to: now }];
}

/** How much of a stretch of time was outside all pauses. */
export function activeMs(pauses: readonly Pause[], from: number, to: number): number {
  return pauses.reduce((left, pause) => left - Math.max(0, Math.min(pause.to, to) - Math.max(pause.from, from)), to - from);
}
