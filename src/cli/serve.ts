import { readConfig } from '../config.ts';
import { mintToken } from '../http/auth.ts';
import { type Server, startServer } from '../main.ts';
import { defineCommand } from './command.ts';
import { greeting } from './greeting.ts';

/** A stop that takes longer than this is cut short; nothing is lost by it, as the next start takes up what runs. */
const SHUTDOWN_MS = 9_000;
const HELLO_TTL_SECONDS = 24 * 3600;

export const command = defineCommand({
  synopsis: '[options]',
  description: 'Starts the server. All settings come from the environment (CORACLE_PORT, CORACLE_DATA_DIR, …): README lists them. Flags go before it.',
  options: {
    host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (CORACLE_HOST)' },
    port: { type: 'string', value: 'NUMBER', help: 'port to listen on, 0 for a free one (CORACLE_PORT)' },
    'data-dir': { type: 'string', value: 'FOLDER', help: 'where everything is kept (CORACLE_DATA_DIR)' },
    hello: { type: 'boolean', help: 'print a token and a call to try: for a terminal, never where output is kept' },
  },
  examples: ['coracle serve --hello', 'coracle serve --port 8080 --data-dir /var/lib/coracle', 'CORACLE_MEMORY_MB=1024 coracle serve'],
  mostArguments: 0,
  async run({ values: { hello, host, port, 'data-dir': dataDir } }) {
    const flags = { CORACLE_HOST: host, CORACLE_PORT: port, CORACLE_DATA_DIR: dataDir };
    const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
    const server = await startServer(readConfig({ ...process.env, ...given }));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutDown(server));
    if (hello) await greet(server);
    throw await server.failed;
  },
});

async function shutDown(server: Server): Promise<void> {
  setTimeout(() => process.exit(0), SHUTDOWN_MS).unref();
  await server.close();
  // Streams of containers that go on would hold the process.
  process.exit(0);
}

async function greet({ url, jwtSecret }: Server): Promise<void> {
  const token = await mintToken(jwtSecret, { tenant: 'demo', ttlSeconds: HELLO_TTL_SECONDS });
  process.stdout.write(greeting({ url, token }));
}
