import type { Quota, QuotaWish } from '../../workspace-quota.ts';

/** Answers what is missing for a hard quota, as a sentence without a full stop; undefined when it lacks nothing. */
export type Need = () => Promise<string | undefined>;

/** Looks at the needs in their order, up to the first that is not met. Rejects with what a need rejects with: nothing is known then. */
export async function chooseQuota(wish: QuotaWish, needs: readonly Need[]): Promise<Quota> {
  if (wish === 'accounting') return { kind: 'accounting', why: 'CORACLE_WORKSPACE_QUOTA asks for it' };
  for (const need of needs) {
    const why = await need();
    if (why !== undefined) return { kind: 'accounting', why };
  }
  return { kind: 'hard' };
}
