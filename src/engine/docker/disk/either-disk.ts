import type { SandboxDisk } from './sandbox-disk.ts';

/** Two kinds of disks as one: the first is asked first, and neither gives one to a sandbox that has the other's. */
export function eitherDisk(first: SandboxDisk, second: SandboxDisk): SandboxDisk {
  /** Those that have neither: a sandbox never changes what it has, so they are not looked for again. */
  const without = new Set<string>();
  return {
    async ensure(sandboxId, bytes, image) {
      if (without.has(sandboxId)) return undefined;
      const folder = (await first.ensure(sandboxId, bytes, image)) ?? (await second.ensure(sandboxId, bytes, image));
      if (folder === undefined) without.add(sandboxId);
      return folder;
    },
    async remove(sandboxId) {
      for (const disk of [first, second]) await disk.remove(sandboxId);
      without.delete(sandboxId);
    },
    list: async () => [...new Set([...(await first.list()), ...(await second.list())])],
    async use(sandboxIds) {
      const ofFirst = await first.use(sandboxIds);
      return new Map([...ofFirst, ...(await second.use(sandboxIds.filter((id) => !ofFirst.has(id))))]);
    },
    freeBytes: async () => least(await first.freeBytes(), await second.freeBytes()),
  };
}

/** Undefined when nobody can tell of either. */
export function least(...known: readonly (number | undefined)[]): number | undefined {
  const told = known.filter((bytes) => bytes !== undefined);
  return told.length > 0 ? Math.min(...told) : undefined;
}
