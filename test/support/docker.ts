import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connectDocker } from '../../src/engine/docker/connect.ts';
import { LABEL } from '../../src/engine/docker/labels.ts';
import { createIptables } from '../../src/engine/iptables/iptables.ts';
import { unmountBelow } from './host.ts';
import { mountsOf } from './mounted.ts';

export const docker = connectDocker();

const of = (instance: string) => ({ label: [`${LABEL.instance}=${instance}`] });

/** All containers of one server, in any state, those that it only keeps ready included. */
function allContainersOf(instance: string) {
  return docker.listContainers({ all: true, filters: of(instance) });
}

/** The containers of one server that have got a job, in any state. */
export async function containersOf(instance: string) {
  const all = await allContainersOf(instance);
  const areWaiting = await Promise.all(all.map(({ Id }) => isWaiting(Id)));
  return all.filter((_, index) => !areWaiting[index]);
}

/** Whether a container has not got its job yet: the launcher says so before anything else. Neither has one that ended without it, or is gone. */
export async function isWaiting(id: string, engine = docker): Promise<boolean> {
  const container = engine.getContainer(id);
  try {
    const { State } = await container.inspect();
    return State.Running && (await container.logs({ stdout: true, stderr: true, tail: 1 })).length === 0;
  } catch {
    return false;
  }
}

/** The sandboxes that have something for their files on this machine: volumes, or a filesystem of their own. */
export async function workspacesOf(instance: string): Promise<string[]> {
  const { Volumes } = await docker.listVolumes({ filters: of(instance) });
  const mounted = (await mountsOf({ instance })).map((path) => basename(path));
  return [...new Set([...(Volumes ?? []).flatMap(({ Labels }) => Labels?.[LABEL.sandbox] ?? []), ...mounted])];
}

async function volumesOf(instance: string): Promise<string[]> {
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

export async function networksOf(instance: string): Promise<string[]> {
  return (await docker.listNetworks({ filters: of(instance) })).map(({ Name }) => Name);
}

/** Leaves nothing of a server under test on the engine. */
export async function cleanEngine(instance: string): Promise<void> {
  for (const { Id } of await allContainersOf(instance))
    await docker
      .getContainer(Id)
      .remove({ force: true })
      .catch(() => undefined);
  for (const name of await volumesOf(instance))
    await docker
      .getVolume(name)
      .remove({ force: true })
      .catch(() => undefined);
  for (const name of await networksOf(instance))
    await docker
      .getNetwork(name)
      .remove()
      .catch(() => undefined);
  await createIptables({ instance, allowed: [], resolvers: [], subnets: [] }).lower();
  for (const mark of [instance, `${instance}-probe`]) await unmountAll(join('/run/coracle', mark));
}

/** The filesystems of a server's sandboxes; their images are in its data folder. */
async function unmountAll(mountRoot: string): Promise<void> {
  await unmountBelow(mountRoot);
  await rm(mountRoot, { recursive: true, force: true });
}
