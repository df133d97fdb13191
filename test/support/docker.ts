import { connectDocker } from '../../src/engine/docker/connect.ts';
import { LABEL } from '../../src/engine/docker/labels.ts';

export const docker = connectDocker();

const of = (instance: string) => ({ label: [`${LABEL.instance}=${instance}`] });

/** The containers of one server, in any state. */
export function containersOf(instance: string) {
  return docker.listContainers({ all: true, filters: of(instance) });
}

export async function volumesOf(instance: string): Promise<string[]> {
  const { Volumes } = await docker.listVolumes({ filters: of(instance) });
  return (Volumes ?? []).map(({ Name }) => Name);
}

/** Leaves nothing of a server under test on the engine. */
export async function cleanEngine(instance: string): Promise<void> {
  for (const { Id } of await containersOf(instance))
    await docker
      .getContainer(Id)
      .remove({ force: true })
      .catch(() => undefined);
  for (const name of await volumesOf(instance))
    await docker
      .getVolume(name)
      .remove({ force: true })
      .catch(() => undefined);
}
