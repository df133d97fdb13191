import type { Config } from '../config.ts';
import type { LanguageRegistry } from '../languages/registry.ts';
import { createFindFiles } from '../workspace/find-files.ts';
import { createHelpers, type HelpersDependencies } from '../workspace/helpers.ts';
import { createOpenTerminal } from '../workspace/terminal.ts';
import { createWorkspace } from '../workspace/workspace.ts';

export interface WorkspaceDependencies extends Pick<HelpersDependencies, 'engine' | 'sandboxes' | 'log'> {
  readonly languages: LanguageRegistry;
}

/** What acts in a sandbox without a record: files, watching, terminals and artifacts. */
export function createWorkspaceParts({ limits, runtimes, mostFileBytes }: Config, { languages, ...dependencies }: WorkspaceDependencies) {
  const helpers = createHelpers({ ...dependencies, limits, runtime: runtimes.standard });
  return {
    helpers,
    openTerminal: createOpenTerminal({ helpers, languages }),
    workspace: createWorkspace({ helpers, mostBytes: mostFileBytes }),
    findFiles: createFindFiles(helpers),
  };
}
