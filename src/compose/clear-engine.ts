import { setTimeout as sleep } from 'node:timers/promises';
import { isEngineAway } from '../errors.ts';
import type { Execution } from './execution.ts';

const POLL_MS = 50;
/** After this the engine's refusal to remove a volume or a network is told. */
const REFUSED_MS = 20_000;

/** Ends every process, lets go, and removes every container, volume and network of the instance. Rejects with ENGINE_UNAVAILABLE while the engine is away. */
export async function clearEngine({ store, engine, kill, letGo }: Execution): Promise<void> {
  const alive = [...(await store.queued()), ...(await store.running())];
  await Promise.all(alive.map(({ scope, id }) => kill(scope, id)));
  await letGo();
  for (let left = await engine.list(); left.length > 0; left = await engine.list()) {
    await Promise.all(left.map(({ id }) => engine.remove(id)));
    await sleep(POLL_MS);
  }
  for (const sandboxId of await engine.listVolumes()) await untilRemoved(() => engine.removeVolume(sandboxId));
  for (const sandboxId of await engine.listNetworks()) await untilRemoved(() => engine.removeNetwork(sandboxId));
}

/** A container that was kept ready may be on its way out still, and has the volume and the network until it is gone. */
async function untilRemoved(remove: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + REFUSED_MS; ; await sleep(POLL_MS)) {
    try {
      return await remove();
    } catch (error) {
      if (isEngineAway(error) || Date.now() > deadline) throw error;
    }
  }
}
