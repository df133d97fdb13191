import type { ContainerLimits } from '../process/limits.ts';
import type { Scope } from '../process/record.ts';
import { type Environment, INITIAL_ENVIRONMENT } from './environment.ts';
import type { Pause } from './pause.ts';

/** What a sandbox's creator may choose. */
export interface SandboxWish {
  /** Name of a template. */
  readonly template: string;
  /** A label of the creator's; everything is in one place. */
  readonly region: string;
  readonly env: Environment;
  readonly internetAccess: boolean;
  /** What its processes get; the server's own where absent. */
  readonly limits: Partial<Pick<ContainerLimits, 'memoryBytes' | 'cpus'>>;
  /** Seconds that it lives; `null` for as long as nobody deletes it. */
  readonly timeoutSeconds: number | null;
}

/** A tenant's named environment. Times are milliseconds since 1970. */
export interface Sandbox extends SandboxWish {
  /** `scope.sandbox` is its name: its own id, or the word by which a token asked for it. */
  readonly scope: Scope;
  /** Opaque, URL-safe, unique on this server for ever. */
  readonly id: string;
  /** The user id of all its processes: no two sandboxes share one, because kernel quotas are counted per user id across containers. */
  readonly uid: number;
  readonly createdAt: number;
  /** When its life ends if it is not paused until then; see expiryOf. */
  readonly expiresAt: number | null;
  /** Since when its containers stand still. */
  readonly pausedAt: number | null;
  /** Those that are over, oldest first. */
  readonly pauses: readonly Pause[];
}

export type SandboxChange = Partial<Pick<Sandbox, 'env' | 'timeoutSeconds' | 'expiresAt' | 'pausedAt' | 'pauses'>>;

/** What a sandbox has that was made because somebody used its name. */
export const ON_FIRST_USE: SandboxWish = {
  template: 'code-interpreter',
  region: 'local',
  env: INITIAL_ENVIRONMENT,
  internetAccess: false,
  limits: {},
  timeoutSeconds: null,
};

/** User ids handed out to sandboxes: above the distributions' own, below 65,536 so that user-namespace remapping works. */
export const SANDBOX_UIDS = { first: 20_000, last: 59_999 } as const;

/** Whether a name has the form of an id: such a sandbox is never made because somebody used its name. */
export function isSandboxId(name: string): boolean {
  return /^sbx_[\w-]{22}$/.test(name);
}

export interface SandboxPageRequest {
  /** 1 to 1,000. */
  readonly limit: number;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly status?: 'running' | 'paused' | undefined;
  readonly region?: string | undefined;
}

export interface SandboxPage {
  readonly sandboxes: readonly Sandbox[];
  readonly nextCursor: string | null;
}

/**
 * Where sandboxes live. Contract (test/contract/sandbox-store.ts):
 * - every method that changes something has it on disk before its promise resolves, or rejects and has changed nothing;
 * - a sandbox has a user id that no other has; `create` and `ensure` reject with SANDBOXES_EXHAUSTED when there is none left;
 * - both reject with TENANT_LIMIT instead of giving the tenant more than `most` that are not discarded;
 * - tenant-facing methods take the tenant first and never answer with another tenant's sandbox; a name is the name or the id;
 * - a discarded sandbox is found by none of them, and keeps its name and user id until it is forgotten;
 * - `unknown`, `expired`, `paused`, `discarded` and `forget` are for the server itself, over all tenants.
 */
export interface SandboxStore {
  /** The scope's sandbox, made on first use; rejects with SANDBOX_GONE when it is discarded, or when its name is an id that there is no more. */
  ensure(scope: Scope, most?: number): Promise<Sandbox>;
  /** A new one, named by its id. */
  create(tenant: string, wish: SandboxWish, most?: number): Promise<Sandbox>;
  count(tenant: string): Promise<number>;
  find(tenant: string, name: string): Promise<Sandbox | undefined>;
  /** Newest first, stable while others are added. */
  list(tenant: string, page: SandboxPageRequest): Promise<SandboxPage>;
  /** Changes it according to what it is, with nothing in between; what `change` throws changes nothing, and it may be asked twice. Answers it as it is then. */
  update(tenant: string, name: string, change: (current: Sandbox) => SandboxChange): Promise<Sandbox | undefined>;
  /** Ends it: of two that compete, one gets it and the other undefined. */
  discard(tenant: string, name: string): Promise<Sandbox | undefined>;
  /** Which of these ids have no sandbox, discarded ones being there still. */
  unknown(ids: readonly string[]): Promise<readonly string[]>;
  /** Those whose life is over at `now` and that are not discarded. */
  expired(now: number): Promise<readonly Sandbox[]>;
  /** Those that are paused and not discarded. */
  paused(): Promise<readonly Sandbox[]>;
  discarded(): Promise<readonly Sandbox[]>;
  /** Removes a discarded one for good. Idempotent. */
  forget(id: string): Promise<void>;
}
