import type { Config } from '../config.ts';
import { readDisk } from '../disk.ts';
import { sandboxTokens } from '../http/auth/sandbox-token.ts';
import { templatesOf } from '../sandbox/templates.ts';
import type { Execution } from './execution.ts';

/** What the routes of the control plane need beside the use-cases. */
export async function createControlPlane({ limits, publicUrl, dataDir }: Config, { languages, egress }: Execution, secret: string) {
  const { totalBytes } = await readDisk(dataDir);
  return {
    templates: templatesOf(languages.all),
    mintSandboxToken: sandboxTokens(secret),
    limits,
    publicUrl,
    diskBytes: totalBytes,
    offersInternet: egress.canBeOffered,
  };
}
