import type { Scope } from '../process/record.ts';

/** A tenant's named environment. */
export interface Sandbox {
  readonly scope: Scope;
  /** Opaque, URL-safe, unique on this server for ever. */
  readonly id: string;
  /** The user id of all its processes: no two sandboxes share one, because kernel quotas are counted per user id across containers. */
  readonly uid: number;
}

/** User ids handed out to sandboxes: above the distributions' own, below 65,536 so that user-namespace remapping works. */
export const SANDBOX_UIDS = { first: 20_000, last: 59_999 } as const;

/** Where sandboxes live. `ensure` finds the scope's sandbox or makes it, with a user id that no other has; it rejects with SANDBOXES_EXHAUSTED.
 * `unknown` says which of these ids have no sandbox. */
export interface SandboxStore {
  ensure(scope: Scope): Promise<Sandbox>;
  unknown(ids: readonly string[]): Promise<readonly string[]>;
}
