import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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

/** The engine's id of the container that a process is on record with. */
export function containerOf({ dataDir }: { readonly dataDir: string }, processId: string): string {
  const database = new DatabaseSync(join(dataDir, 'coracle.sqlite'), { readOnly: true });
  try {
    return String(database.prepare('SELECT container_id FROM processes WHERE id = ?').get(processId)?.['container_id']);
  } finally {
    database.close();
  }
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
