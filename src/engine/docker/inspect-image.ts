import type Docker from 'dockerode';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { notThere } from './errors.ts';

/** What the engine says of an image; undefined when it has none of that name. Rejects with ENGINE_UNAVAILABLE. */
export async function inspectImage(docker: Docker, reference: string): Promise<Docker.ImageInspectInfo | undefined> {
  return withDeadline(docker.getImage(reference).inspect().catch(notThere), { ms: QUICK_MS, what: 'tell of an image' });
}
