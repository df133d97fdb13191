import type { SandboxDisk } from '../../src/engine/docker/disk/sandbox-disk.ts';
import { CoracleError } from '../../src/errors.ts';

export interface FakeDisk extends SandboxDisk {
  readonly bytesOf: (sandboxId: string) => number | undefined;
}

export interface FakeDiskOptions {
  readonly isWanted?: (sandboxId: string) => boolean;
  /** Somebody is in it. */
  readonly isBusy?: (sandboxId: string) => boolean;
}

/** Filesystems in memory that keep the contract. */
export function createFakeDisk({ isWanted = () => true, isBusy = () => false }: FakeDiskOptions = {}): FakeDisk {
  const sizes = new Map<string, number>();
  return {
    async ensure(sandboxId, bytes) {
      const size = sizes.get(sandboxId);
      if (size === undefined && !isWanted(sandboxId)) return undefined;
      sizes.set(sandboxId, Math.max(size ?? 0, bytes));
      return `/disks/${sandboxId}`;
    },
    async remove(sandboxId) {
      if (isBusy(sandboxId)) throw new CoracleError('ENGINE_REFUSED', 'Somebody is in it. Try again later.');
      sizes.delete(sandboxId);
    },
    list: async () => [...sizes.keys()],
    use: async (sandboxIds) => new Map(sandboxIds.filter((id) => sizes.has(id)).map((id) => [id, 0])),
    freeBytes: async () => (sizes.size > 0 ? 2 ** 40 : undefined),
    bytesOf: (sandboxId) => sizes.get(sandboxId),
  };
}
