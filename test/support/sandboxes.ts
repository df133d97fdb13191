import { newId } from '../../src/ids.ts';
import { ON_FIRST_USE, SANDBOX_UIDS, type Sandbox } from '../../src/sandbox/sandbox.ts';

/** A sandbox as it might be in a store; what a test is about is said in `differences`. */
export function newSandbox(differences: Partial<Sandbox> = {}): Sandbox {
  const id = newId('sbx');
  return {
    ...ON_FIRST_USE,
    id,
    scope: { tenant: 'acme', sandbox: id },
    uid: SANDBOX_UIDS.first,
    createdAt: 1_700_000_000_000,
    expiresAt: null,
    pausedAt: null,
    pauses: [],
    ...differences,
  };
}
