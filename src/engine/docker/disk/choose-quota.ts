import type { Quota, QuotaWish } from '../../workspace-quota.ts';

/** Answers what is missing for a hard quota, as a sentence without a full stop; undefined when it lacks nothing. */
export type Need = () => Promise<string | undefined>;

export interface Roads {
  /** Of the engine's own quota, which is preferred, though it takes longer to make: nothing is mounted for it, and a disk that is full breaks no filesystem in it. */
  readonly engine: readonly Need[];
  readonly filesystem: readonly Need[];
}

/** Takes the first road that lacks nothing. Rejects with what a need rejects with: nothing is known then. */
export async function chooseQuota(wish: QuotaWish, { engine, filesystem }: Roads): Promise<Quota> {
  if (wish === 'accounting') return { kind: 'accounting', why: 'CORACLE_WORKSPACE_QUOTA asks for it' };
  const ofEngine = await firstLacking(engine);
  if (ofEngine === undefined) return { kind: 'hard', by: 'engine' };
  const ofFilesystem = await firstLacking(filesystem);
  if (ofFilesystem === undefined) return { kind: 'hard', by: 'filesystem' };
  return { kind: 'accounting', why: `${ofFilesystem}; and ${ofEngine}` };
}

async function firstLacking(needs: readonly Need[]): Promise<string | undefined> {
  for (const need of needs) {
    const why = await need();
    if (why !== undefined) return why;
  }
  return undefined;
}
