import type { Pool } from '../engine/pool.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import type { ContainerLimits } from '../process/limits.ts';
import type { Sandbox, SandboxStore } from '../sandbox/sandbox.ts';
import { specOf } from './container-spec.ts';

export interface WarmDependencies {
  readonly sandboxes: SandboxStore;
  readonly pool: Pick<Pool, 'warm'>;
  readonly languages: LanguageRegistry;
  /** What a process gets that asks for nothing else. */
  readonly usual: ContainerLimits;
  readonly runtime: string | null;
}

/** What is run where nobody says a language. */
const DEFAULT_LANGUAGE = 'python';

/** The same sandboxes; one that somebody makes gets a container ready, of the language that its template names. */
export function warmingSandboxes({ sandboxes, pool, languages, usual, runtime }: WarmDependencies): SandboxStore {
  function warm(sandbox: Sandbox): void {
    const language = languages.all.find(({ name }) => name === sandbox.template) ?? languages.resolve(DEFAULT_LANGUAGE);
    pool.warm(specOf(sandbox, { image: language.image, limits: { ...usual, ...sandbox.limits }, runtime }));
  }
  return {
    ...sandboxes,
    async create(...wanted) {
      const made = await sandboxes.create(...wanted);
      warm(made);
      return made;
    },
  };
}
