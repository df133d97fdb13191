import type { Container } from 'dockerode';
import type { RunningContainer } from '../container-engine.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { notThere } from './errors.ts';
import { removeContainer } from './running.ts';

const REASON = 'The container engine broke down while it started the process, and does not know whether it ran. Submit it again.';

/**
 * Whether the start of a container that its engine calls `created` has begun. An engine that crashes before it has noted a start does not remember it,
 * although the program may have run, and may still. The container's files tell: the first thing in a start is to put the mount point of the init there.
 */
export async function isStartBegun(container: Container): Promise<boolean> {
  const changes: unknown = await withDeadline(container.changes().catch(notThere), { ms: QUICK_MS, what: 'tell what a container has changed' });
  return Array.isArray(changes) && changes.length > 0;
}

/** One of which nobody can tell more than that it is gone. */
export function forgottenContainer(container: Container): RunningContainer {
  return {
    id: container.id,
    startedAt: Date.now(),
    output: nothing(),
    isOutputFromStart: false,
    exit: Promise.resolve({ kind: 'vanished', reason: REASON }),
    stop: async () => undefined,
    usage: async () => undefined,
    remove: () => removeContainer(container),
  };
}

async function* nothing(): AsyncGenerator<never> {}
