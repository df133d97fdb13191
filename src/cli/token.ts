import { mkdirSync } from 'node:fs';
import { readConfig } from '../config.ts';
import { mintToken } from '../http/auth.ts';
import { readSecret } from '../secret.ts';
import { parseDuration } from './duration.ts';
import { UsageError } from './usage.ts';

export interface TokenOptions {
  readonly tenant?: string | undefined;
  readonly sandbox?: string | undefined;
  readonly ttl?: string | undefined;
}

/** Prints a token that the server with this configuration accepts, running or not. */
export async function token({ tenant, sandbox, ttl = '24h' }: TokenOptions): Promise<void> {
  if (!tenant) throw new UsageError('say whose token it is: coracle token --tenant acme');
  const config = readConfig(process.env);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const ttlSeconds = parseDuration(ttl);
  process.stdout.write(`${await mintToken(readSecret(config).value, { tenant, sandbox, ttlSeconds })}\n`);
}
