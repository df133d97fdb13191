import type { ContainerSpec } from '../container-engine.ts';

/** Ownership: a server touches only what carries its own instance. */
export const LABEL = {
  instance: 'coracle.instance',
  sandbox: 'coracle.sandbox',
  tenant: 'coracle.tenant',
  /** On a volume that holds both folders of a sandbox, and that the engine bounds. */
  bounded: 'coracle.bounded',
  /** As in the record of the process and in the audit log; only on a container that was made for one request. */
  request: 'coracle.request',
} as const;

export function containerLabels(instance: string, { sandboxId, scope, requestId }: ContainerSpec): Record<string, string> {
  const owner = { [LABEL.instance]: instance, [LABEL.sandbox]: sandboxId, [LABEL.tenant]: scope.tenant };
  return requestId ? { ...owner, [LABEL.request]: requestId } : owner;
}

/** What every container's name begins with; the rest is random. */
export const CONTAINER_PREFIX = 'coracle-';

/** Of the network that a sandbox with internet access has. */
export function networkName(sandboxId: string): string {
  return `coracle-${sandboxId}`;
}

/** What the containers of a sandbox share. */
export const SHARED_FOLDERS = ['/workspace', '/tmp'] as const;

/** Of the volume that holds it where the engine bounds one. */
export function boundedVolumeName(sandboxId: string): string {
  return `coracle-${sandboxId}-disk`;
}

/** Those that hold it where nothing but counting bounds it. */
export function volumeNames(sandboxId: string): readonly { readonly name: string; readonly target: string }[] {
  return [
    { name: `coracle-${sandboxId}`, target: '/workspace' },
    { name: `coracle-${sandboxId}-tmp`, target: '/tmp' },
  ];
}
