import type { Scope } from '../process/record.ts';

/** Which sandboxes are paused, for those who start, freeze and time their processes; the store has it too, over restarts. */
export interface PausedSandboxes {
  has(scope: Scope): boolean;
  add(scope: Scope): void;
  delete(scope: Scope): void;
}

export function createPausedSandboxes(): PausedSandboxes {
  const paused = new Set<string>();
  // Neither name may contain a space.
  const keyOf = ({ tenant, sandbox }: Scope) => `${tenant} ${sandbox}`;
  return {
    has: (scope) => paused.has(keyOf(scope)),
    add: (scope) => void paused.add(keyOf(scope)),
    delete: (scope) => void paused.delete(keyOf(scope)),
  };
}
