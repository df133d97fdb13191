/**
 * What a sandbox has in place of plain volumes when something bounds it: one place of the sandbox's own, of fixed size, that holds /workspace and /tmp, be it a
 * filesystem or a folder with a quota.
 * Contract (test/contract/sandbox-disk.ts):
 * - `ensure` may be called before every container; it has the place there, and mounted when it is a filesystem, when it resolves, after a restart of the host
 *   too, and grows one that is smaller than asked for, where it can be grown. One that is larger stays as it is;
 * - what a sandbox has it keeps until it is removed, whatever is configured since;
 * - when `ensure` rejects (SERVICE_UNAVAILABLE: no room on the disk under it; ENGINE_REFUSED) it can be tried again, and no file of the sandbox is lost;
 * - calls for one sandbox take turns.
 */
export interface SandboxDisk {
  /**
   * Answers the folder on the engine's host in which `workspace` and `tmp` lie; undefined for a sandbox that has plain volumes, which are counted. The image is
   * one that the engine has, and of which a container can be made.
   */
  ensure(sandboxId: string, bytes: number, image: string): Promise<string | undefined>;
  /** Takes down and deletes it, once no container has it. Idempotent. Rejects with ENGINE_REFUSED while somebody is in it. */
  remove(sandboxId: string): Promise<void>;
  /** The sandboxes that have one, mounted or not, and those of which a part was left. */
  list(): Promise<readonly string[]>;
  /** What those of the sandboxes that have one take in it, in bytes. */
  use(sandboxIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** What the disk under them has left; undefined where there are none, or where it is not this machine's. */
  freeBytes(): Promise<number | undefined>;
}

/** Nothing is bounded. */
export const NO_DISK: SandboxDisk = {
  ensure: async () => undefined,
  remove: async () => undefined,
  list: async () => [],
  use: async () => new Map(),
  freeBytes: async () => undefined,
};
