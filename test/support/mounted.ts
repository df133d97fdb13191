import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unmountBelow } from './host.ts';

export interface MountedServer {
  readonly instance: string;
  readonly dataDir: string;
}

/** The folders where filesystems of a server's sandboxes are mounted. */
export async function mountsOf({ instance }: Pick<MountedServer, 'instance'>): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  return mounts.filter((path) => path.startsWith(join('/run/coracle', instance, '/')));
}

/** As a restart of the host does. */
export async function unmountHost({ instance }: Pick<MountedServer, 'instance'>): Promise<void> {
  await unmountBelow(join('/run/coracle', instance));
}

/** What the file under a sandbox's filesystem may take of the host, and takes. */
export async function imageOf({ dataDir, instance }: MountedServer, sandboxId: string): Promise<{ size: number; taken: number }> {
  const { size, blocks } = await stat(join(dataDir, 'workspaces', instance, `${sandboxId}.img`));
  return { size, taken: blocks * 512 };
}
