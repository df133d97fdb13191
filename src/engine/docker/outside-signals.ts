import type Docker from 'dockerode';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { statusOf } from './errors.ts';

/**
 * Whether the engine has sent the container a signal since then, in milliseconds since 1970. A program's own signals are not among them, so this tells
 * an engine that stops its containers, or somebody at its API, from a program that ends itself by one. Where the engine's events may not be read, no.
 */
export async function wasSignalled(docker: Docker, containerId: string, since: number): Promise<boolean> {
  const seconds = (time: number) => (time / 1000).toFixed(3);
  const filters = { container: [containerId], event: ['kill'] };
  const asked = docker.getEvents({ since: seconds(since), until: seconds(Date.now()), filters } as unknown as Docker.GetEventsOptions);
  return withDeadline(asked.then(hasAny), { ms: QUICK_MS, what: 'tell what happened to a container' }).catch((error) => {
    if (statusOf(error) === undefined) throw error;
    return false;
  });
}

async function hasAny(events: NodeJS.ReadableStream): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of events) bytes += chunk.length;
  return bytes > 0;
}
