import type Docker from 'dockerode';
import { CoracleError } from '../../errors.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { translate } from './errors.ts';
import { LABEL } from './labels.ts';

/** The engine itself looks after volumes that are mounted as such only, and not after folders that are bound for a sandbox. Rejects with ENGINE_REFUSED. */
export async function refuseWhileUsed(docker: Docker, sandboxId: string): Promise<void> {
  const listed = docker.listContainers({ all: true, filters: { label: [`${LABEL.sandbox}=${sandboxId}`] } });
  const containers = await withDeadline(listed, { ms: QUICK_MS, what: 'list the containers of a sandbox' }).catch((error) => {
    throw translate(error);
  });
  if (containers.length > 0) throw new CoracleError('ENGINE_REFUSED', 'A container has this volume. Remove the container first.');
}
