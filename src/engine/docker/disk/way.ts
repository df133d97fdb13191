import { chmod, chown, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type Docker from 'dockerode';
import { QUICK_MS, withDeadline } from '../deadline.ts';
import { translate } from '../errors.ts';

/**
 * Makes the folder that mounts of sandboxes lie in, and lets nobody in but root, and root of the engine's user namespace where it has one: gVisor opens the
 * files of a container from there. Users of the host must not: in every sandbox anybody may write.
 */
export function createWay(docker: Docker, mountRoot: string): () => Promise<void> {
  /** What the engine is like does not change while it runs. Asked again only after a failure. */
  let known: { readonly group: number | undefined } | undefined;
  return async () => {
    known ??= { group: await remappedGroup(docker) };
    const { group } = known;
    await mkdir(mountRoot, { recursive: true, mode: 0o700 });
    await chmod(dirname(mountRoot), 0o711);
    await chown(mountRoot, 0, group ?? 0);
    await chmod(mountRoot, group === undefined ? 0o700 : 0o710);
  };
}

async function remappedGroup(docker: Docker): Promise<number | undefined> {
  const info = await withDeadline(docker.info(), { ms: QUICK_MS, what: 'ask for its user namespace' }).catch((error) => {
    throw translate(error);
  });
  return groupIn(info);
}

interface Info {
  readonly SecurityOptions?: readonly string[] | null;
  readonly DockerRootDir?: string;
}

/** The group that is root's in containers; undefined without user namespaces. The engine's folder is named after it, https://docs.docker.com/engine/security/userns-remap/ */
export function groupIn({ SecurityOptions, DockerRootDir = '' }: Info): number | undefined {
  if (!SecurityOptions?.some((option) => option.split(',').includes('name=userns'))) return undefined;
  const group = /\/\d+\.(\d+)\/?$/.exec(DockerRootDir)?.[1];
  return group === undefined ? undefined : Number(group);
}
