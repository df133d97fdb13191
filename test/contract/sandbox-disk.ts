import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SandboxDisk } from '../../src/engine/docker/disk/sandbox-disk.ts';

export interface DiskHarness extends AsyncDisposable {
  readonly disk: SandboxDisk;
  /** The same one, as a server that is configured to give new sandboxes none sees it. */
  readonly unwanted: SandboxDisk;
  /** Lets somebody be in a sandbox's filesystem until the answer is called. */
  enter(sandboxId: string): Promise<() => Promise<void>>;
}

const MIB = 1024 * 1024;
/** The real ones may be on an engine that others have too. */
const [A, B] = ['a', 'b'].map((which) => `sbx_${which}_${randomUUID()}`) as [string, string];

/** The contract of SandboxDisk. */
export function describeSandboxDisk(name: string, create: () => Promise<DiskHarness>): void {
  describe(`sandbox disk: ${name}`, () => {
    test('a sandbox has one folder of its own, however often it is asked for', async () => {
      await using harness = await create();
      const { disk } = harness;
      const folders = await Promise.all([A, A, B].map((id) => disk.ensure(id, 8 * MIB, 'bash')));
      expect(folders).toEqual([folders[0], folders[0], expect.stringMatching(/sbx_b/)]);
      expect(folders[0]).toMatch(/sbx_a/);
      expect((await disk.list()).toSorted()).toEqual([A, B]);
    });

    test('what is removed is gone, and can be removed again and made again', async () => {
      await using harness = await create();
      const { disk } = harness;
      await disk.ensure(A, 8 * MIB, 'bash');
      await Promise.all([disk.remove(A), disk.remove(A)]);
      await disk.remove(`${A}_never`);
      expect(await disk.list()).toEqual([]);
      expect(await disk.use([A])).toEqual(new Map());
      expect(await disk.ensure(A, 8 * MIB, 'bash')).toMatch(/sbx_a/);
    });

    test('it is not removed from under somebody', async () => {
      await using harness = await create();
      const { disk } = harness;
      await disk.ensure(A, 8 * MIB, 'bash');
      const leave = await harness.enter(A);
      await expect(disk.remove(A)).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
      expect(await disk.list()).toEqual([A]);
      await leave();
      await disk.remove(A);
      expect(await disk.list()).toEqual([]);
    });

    test('a sandbox that is to have none gets none, and one that has one keeps it', async () => {
      await using harness = await create();
      const { disk, unwanted } = harness;
      const folder = await disk.ensure(A, 8 * MIB, 'bash');
      expect(await unwanted.ensure(A, 8 * MIB, 'bash')).toBe(folder);
      expect(await unwanted.ensure(B, 8 * MIB, 'bash')).toBeUndefined();
      expect(await unwanted.list()).toEqual([A]);
    });

    test('it tells what those take that have one, and what the disk under them has left', async () => {
      await using harness = await create();
      const { disk } = harness;
      expect(await disk.freeBytes()).toBeUndefined();
      await disk.ensure(A, 8 * MIB, 'bash');
      const used = await disk.use([A, B]);
      expect([...used.keys()]).toEqual([A]);
      expect(used.get(A)).toBeLessThan(MIB);
      expect(await disk.freeBytes()).toBeGreaterThan(MIB);
    });
  });
}
