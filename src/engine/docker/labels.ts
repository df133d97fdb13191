import type { ContainerSpec } from '../container-engine.ts';

/** Ownership: a server touches only what carries its own instance. */
export const LABEL = {
  instance: 'coracle.instance',
  process: 'coracle.process',
  sandbox: 'coracle.sandbox',
  tenant: 'coracle.tenant',
} as const;

export function containerLabels(instance: string, { processId, sandboxId, scope }: ContainerSpec): Record<string, string> {
  return { [LABEL.instance]: instance, [LABEL.process]: processId, [LABEL.sandbox]: sandboxId, [LABEL.tenant]: scope.tenant };
}

/** The name makes a second container of one process impossible. */
export function containerName(processId: string): string {
  return `coracle-${processId}`;
}

export function volumeName(sandboxId: string): string {
  return `coracle-${sandboxId}`;
}
