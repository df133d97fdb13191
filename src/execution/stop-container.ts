import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningContainer, Signal } from '../engine/container-engine.ts';

/** What a process is asked to end with, and how long it may take before everything in its container is ended. */
export interface StopHow {
  readonly signal: Signal;
  readonly graceMs: number;
}

export const USUAL_STOP: StopHow = { signal: 'SIGTERM', graceMs: 2_000 };

/** Resolves when the container has ended. The engine's own stop knows one signal, so for the others the grace is waited for here. */
export async function stopContainer(container: RunningContainer, { signal, graceMs }: StopHow): Promise<void> {
  if (signal === 'SIGTERM') return container.stop(graceMs);
  if (signal !== 'SIGKILL' && graceMs > 0) await ask(container, { signal, graceMs });
  await container.stop(0);
}

/** One that is frozen could not act on it. */
async function ask(container: RunningContainer, { signal, graceMs }: StopHow): Promise<void> {
  await container.resume();
  await container.signal(signal);
  const timer = new AbortController();
  await Promise.race([container.exit, sleep(graceMs, undefined, { ref: false, signal: timer.signal })]).finally(() => timer.abort());
}
