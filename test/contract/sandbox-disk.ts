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

/** The contract of SandboxDisk. */
export function describeSandboxDisk(name: string, create: () => Promise<DiskHarness>): void {
  describe(`sandbox disk: ${name}`, () => {
    test('a sandbox has one folder of its own, however often it is asked for', async () => {
      await using harness = await create();
      const { disk } = harness;
      const folders = await Promise.all(['sbx_a', 'sbx_a', 'sbx_b'].map((id) => disk.ensure(id, 8 * MIB)));
      expect(folders[0]).toMatch(/sbx_a$/);
      expect(folders).toEqual([folders[0], folders[0], expect.stringMatching(/sbx_b$/)]);
      expect((await disk.list()).toSorted()).toEqual(['sbx_a', 'sbx_b']);
    });

    test('what is removed is gone, and can be removed again and made again', async () => {
      await using harness = await create();
      const { disk } = harness;
      await disk.ensure('sbx_a', 8 * MIB);
      await Promise.all([disk.remove('sbx_a'), disk.remove('sbx_a')]);
      await disk.remove('sbx_never');
      expect(await disk.list()).toEqual([]);
      expect(await disk.use(['sbx_a'])).toEqual(new Map());
      expect(await disk.ensure('sbx_a', 8 * MIB)).toMatch(/sbx_a$/);
    });

    test('it is not removed from under somebody', async () => {
      await using harness = await create();
      const { disk } = harness;
      await disk.ensure('sbx_a', 8 * MIB);
      const leave = await harness.enter('sbx_a');
      await expect(disk.remove('sbx_a')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
      expect(await disk.list()).toEqual(['sbx_a']);
      await leave();
      await disk.remove('sbx_a');
      expect(await disk.list()).toEqual([]);
    });

    test('a sandbox that is to have none gets none, and one that has one keeps it', async () => {
      await using harness = await create();
      const { disk, unwanted } = harness;
      const folder = await disk.ensure('sbx_a', 8 * MIB);
      expect(await unwanted.ensure('sbx_a', 8 * MIB)).toBe(folder);
      expect(await unwanted.ensure('sbx_b', 8 * MIB)).toBeUndefined();
      expect(await unwanted.list()).toEqual(['sbx_a']);
    });

    test('it tells what those take that have one, and what the disk under them has left', async () => {
      await using harness = await create();
      const { disk } = harness;
      expect(await disk.freeBytes()).toBeUndefined();
      await disk.ensure('sbx_a', 8 * MIB);
      const used = await disk.use(['sbx_a', 'sbx_b']);
      expect([...used.keys()]).toEqual(['sbx_a']);
      expect(used.get('sbx_a')).toBeLessThan(MIB);
      expect(await disk.freeBytes()).toBeGreaterThan(MIB);
    });
  });
}
