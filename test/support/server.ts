import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { readInstance } from '../../src/instance.ts';
import { startServer } from '../../src/main.ts';
import { cleanEngine } from './docker.ts';
import { imageTag } from './images.ts';

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly jwtSecret: string;
  readonly dataDir: string;
  /** Its mark on the engine. */
  readonly instance: string;
  /** Lets go as at a shutdown; what is on the engine and in the data folder stays for the next server. */
  close(): Promise<void>;
}

/** A server in this process on real Docker, with a data folder, a port and an instance of its own; nothing of it is left after disposal. */
export async function openServer(env: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  const dataDir = env['CORACLE_DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'coracle-')));
  const config = readConfig({ CORACLE_PORT: '0', CORACLE_DATA_DIR: dataDir, CORACLE_LOG_LEVEL: 'error', CORACLE_IMAGE_TAG: imageTag, ...env });
  const server = await startServer(config);
  const instance = readInstance(dataDir);
  let closed: Promise<void> | undefined;
  function close(): Promise<void> {
    closed ??= server.close();
    return closed;
  }
  return {
    url: server.url,
    jwtSecret: server.jwtSecret,
    dataDir,
    instance,
    close,
    async [Symbol.asyncDispose]() {
      await close();
      await cleanEngine(instance);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
