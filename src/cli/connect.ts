import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../client/client.ts';
import type { Values } from './command.ts';
import { type CONNECTION, readSettings, type Settings } from './settings.ts';
import { UsageError } from './usage.ts';

/** A token that is made for one command; it has to live as long as the command. */
const TTL_SECONDS = 24 * 3600;

/** A client of the server that the settings name. Throws UsageError when there is no token and none can be made. */
export async function connect(flags: Values<typeof CONNECTION>): Promise<Client> {
  const settings = readSettings(flags);
  return createClient({ url: settings.url, token: settings.token ?? (await makeToken(settings)) });
}

/** With the secret of this machine's server, which only its operator can read; for no other server. */
async function makeToken({ url, tenant, sandbox, dataDirs }: Settings): Promise<string> {
  const secret = isLocal(url) ? (process.env['CORACLE_JWT_SECRET'] ?? findSecret(dataDirs)) : undefined;
  if (secret === undefined)
    throw new UsageError(`no token for ${url}: set CORACLE_TOKEN or --token. Where the server runs, "coracle token --tenant NAME" prints one.`);
  const { mintToken } = await import('../http/auth.ts');
  return mintToken(secret, { tenant, sandbox, ttlSeconds: TTL_SECONDS });
}

function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function findSecret(dataDirs: readonly string[]): string | undefined {
  for (const dataDir of dataDirs) {
    try {
      return readFileSync(join(dataDir, 'jwt-secret'), 'utf8').trim();
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return undefined;
}
