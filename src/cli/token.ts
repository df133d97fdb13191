import { mkdirSync } from 'node:fs';
import { readConfig } from '../config.ts';
import { mintToken } from '../http/auth.ts';
import { readSecret } from '../secret.ts';
import type { TokenScope } from '../tenancy/caller.ts';
import { defineCommand } from './command.ts';
import { parseDuration } from './duration.ts';
import { UsageError } from './usage.ts';

/** Prints a token that the server with this configuration accepts, running or not. */
export const command = defineCommand({
  synopsis: '--tenant NAME [--sandbox NAME] [--scope SCOPES] [--ttl TIME]',
  description:
    "Prints a token that the server on the same data folder takes, running or not. It is signed with CORACLE_JWT_SECRET, or the data folder's secret.",
  options: {
    tenant: { type: 'string', value: 'NAME', help: 'whose token it is' },
    sandbox: { type: 'string', value: 'NAME', help: 'where its calls act; "default" when not given' },
    scope: { type: 'string', value: 'SCOPES', help: 'what it allows, with spaces between, as in "files processes:read"; all but admin when not given' },
    ttl: { type: 'string', value: 'TIME', help: 'how long it is good for, as in 90s, 30m, 24h, 7d; 24h when not given' },
  },
  examples: ['coracle token --tenant acme', 'coracle token --tenant acme --sandbox ci --ttl 7d'],
  mostArguments: 0,
  async run({ values: { tenant, sandbox, scope, ttl = '24h' } }) {
    if (!tenant) throw new UsageError('say whose token it is: coracle token --tenant acme');
    const config = readConfig(process.env);
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    const ttlSeconds = parseDuration(ttl);
    const scopes = scope?.split(' ') as TokenScope[] | undefined;
    process.stdout.write(`${await mintToken(readSecret(config).value, { tenant, sandbox, scopes, ttlSeconds })}\n`);
    return 0;
  },
});
