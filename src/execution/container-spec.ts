import type { ContainerSpec } from '../engine/container-engine.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** What a container of a sandbox is made from. The same for one that is made ahead and for the process that is to use it. */
export function specOf({ scope, id, uid, internetAccess }: Sandbox, kind: Pick<ContainerSpec, 'image' | 'limits' | 'runtime' | 'requestId'>): ContainerSpec {
  return { scope, sandboxId: id, uid, ...(internetAccess ? { network: 'internet' } : {}), ...kind };
}
