import type { LanguageRegistry } from '../languages/registry.ts';
import { createFindFiles } from '../workspace/find-files.ts';
import { createHelpers, type HelpersDependencies } from '../workspace/helpers.ts';
import { createOpenTerminal } from '../workspace/terminal.ts';
import { createWorkspace } from '../workspace/workspace.ts';

export interface WorkspaceOptions extends HelpersDependencies {
  readonly languages: LanguageRegistry;
  /** Of one file. */
  readonly mostBytes: number;
}

/** What acts in a sandbox without a record: files, watching, terminals and artifacts. */
export function createWorkspaceParts({ languages, mostBytes, ...dependencies }: WorkspaceOptions) {
  const helpers = createHelpers(dependencies);
  return {
    helpers,
    openTerminal: createOpenTerminal({ helpers, languages }),
    workspace: createWorkspace({ helpers, mostBytes }),
    findFiles: createFindFiles(helpers),
  };
}
