/**
 * What a sandbox has in place of volumes when the host itself bounds them: one filesystem of the sandbox's own, of fixed size, that holds /workspace and /tmp.
 * Contract (test/contract/sandbox-disk.ts):
 * - `ensure` may be called before every container; it has the filesystem there and mounted when it resolves, after a restart of the host too, and grows
 *   one that is smaller than asked for. One that is larger stays as it is;
 * - what a sandbox has it keeps until it is removed, whatever is configured since;
 * - when `ensure` rejects (SERVICE_UNAVAILABLE: no room on the disk under it; ENGINE_REFUSED) it can be tried again, and no file of the sandbox is lost;
 * - calls for one sandbox take turns.
 */
export interface SandboxDisk {
  /** Answers the folder on the host in which `workspace` and `tmp` lie; undefined for a sandbox that has volumes of the engine's, which are counted. */
  ensure(sandboxId: string, bytes: number): Promise<string | undefined>;
  /** Takes down and deletes the filesystem, once no container has it. Idempotent. Rejects with ENGINE_REFUSED while somebody is in it. */
  remove(sandboxId: string): Promise<void>;
  /** The sandboxes that have one, mounted or not, and those of which a part was left. */
  list(): Promise<readonly string[]>;
  /** What those of the sandboxes that have one take in it, in bytes. */
  use(sandboxIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** What the disk under the filesystems has left; undefined where there are none. */
  freeBytes(): Promise<number | undefined>;
}

/** Nothing is bounded by the host. */
export const NO_DISK: SandboxDisk = {
  ensure: async () => undefined,
  remove: async () => undefined,
  list: async () => [],
  use: async () => new Map(),
  freeBytes: async () => undefined,
};
