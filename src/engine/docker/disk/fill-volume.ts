import type Docker from 'dockerode';
import { SLOW_MS, withDeadline } from '../deadline.ts';
import { translateCreate } from '../errors.ts';
import { removeContainer } from '../running.ts';

/** In every image: what such a volume begins as, `workspace` and `tmp` with the modes that any sandbox's user needs. */
const TEMPLATE = '/var/lib/coracle';

export interface EmptyVolume {
  readonly name: string;
  readonly image: string;
  /** Of the container, so that whoever looks for what was left finds it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** An engine copies what an image has into an empty volume when it makes a container, which needs not to be started, and is removed at once. Idempotent. */
export async function fillVolume(docker: Docker, { name, image, labels }: EmptyVolume): Promise<void> {
  const made = docker.createContainer({
    Image: image,
    Entrypoint: [],
    Cmd: ['/bin/true'],
    Labels: { ...labels },
    NetworkDisabled: true,
    HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: name, Target: TEMPLATE, ReadOnly: false }] },
  });
  const discard = (late: Docker.Container) => void removeContainer(late).catch(() => undefined);
  const container = await withDeadline(made, { ms: SLOW_MS, what: 'fill a volume', discard }).catch((error) => {
    throw translateCreate(error);
  });
  await removeContainer(container);
}
