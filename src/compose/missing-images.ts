import type Docker from 'dockerode';
import { QUICK_MS, withDeadline } from '../engine/docker/deadline.ts';
import { statusOf, translate } from '../engine/docker/errors.ts';

/** Which of these the engine does not have. Rejects with ENGINE_UNAVAILABLE. */
export async function missingImages(docker: Docker, references: readonly string[]): Promise<string[]> {
  const have = await Promise.all(references.map((reference) => hasImage(docker, reference)));
  return references.filter((_, index) => !have[index]);
}

async function hasImage(docker: Docker, reference: string): Promise<boolean> {
  try {
    await withDeadline(docker.getImage(reference).inspect(), { ms: QUICK_MS, what: 'tell of an image' });
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw translate(error);
  }
}
