import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { startServer } from '../main.ts';
import { PROJECT_ROOT } from '../version.ts';

/** Writes the OpenAPI document that is committed, as a server of this source serves it. */
const dataDir = await mkdtemp(join(tmpdir(), 'coracle-openapi-'));
const server = await startServer(readConfig({ CORACLE_PORT: '0', CORACLE_DATA_DIR: dataDir, CORACLE_LOG_LEVEL: 'error' }));
const document = await (await fetch(`${server.url}/openapi.json`)).json();
await writeFile(join(PROJECT_ROOT, 'src', 'http', 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`);
await server.close();
await rm(dataDir, { recursive: true });
process.exit(0);
