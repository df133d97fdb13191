import type { Stage } from './stage.ts';

export type Group = 'resources' | 'output' | 'lifetime' | 'escape' | 'infrastructure';

export interface AbuseCase {
  readonly group: Group;
  /** What it tries, in words; unique. */
  readonly name: string;
  /** Runs with every `npm test`, on runc. */
  readonly isInCi?: true;
  /** What comes out differently under gVisor, and why; for the table. */
  readonly underGvisor?: string;
  /** Rejects with what did not hold. */
  readonly play: (stage: Stage) => Promise<Played>;
}

/** What was seen while it ran, for the table. */
export interface Played {
  readonly said: string;
}
