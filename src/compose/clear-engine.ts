import { setTimeout as sleep } from 'node:timers/promises';
import type { Execution } from './execution.ts';

const POLL_MS = 50;

/** Ends every process, lets go, and removes every container and workspace volume of the instance. Rejects with ENGINE_UNAVAILABLE while the engine is away. */
export async function clearEngine({ store, engine, kill, letGo }: Execution): Promise<void> {
  const alive = [...(await store.queued()), ...(await store.running())];
  await Promise.all(alive.map(({ scope, id }) => kill(scope, id)));
  await letGo();
  // What was killed may still be on its way out, and a volume cannot go while a container has it.
  for (let left = await engine.list(); left.length > 0; left = await engine.list()) {
    await Promise.all(left.map(({ id }) => engine.remove(id)));
    await sleep(POLL_MS);
  }
  for (const sandboxId of await engine.listVolumes()) await engine.removeVolume(sandboxId);
}
