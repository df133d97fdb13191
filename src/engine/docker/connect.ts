import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';

/** Where an engine listens, in the order tried, when DOCKER_HOST says nothing. */
export function usualSockets(env: NodeJS.ProcessEnv = process.env): string[] {
  const runtimeDirectory = env['XDG_RUNTIME_DIR'];
  return [
    '/var/run/docker.sock',
    ...(runtimeDirectory ? [join(runtimeDirectory, 'docker.sock')] : []),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
  ];
}

/**
 * A client for the engine that DOCKER_HOST names (with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as the docker command reads them), else for the first of
 * the usual sockets that exists. It makes no connection. The API version is left to the engine, so that 20.10 to 29 work.
 */
export function connectDocker(env: NodeJS.ProcessEnv = process.env): Docker {
  if (env['DOCKER_HOST']) return new Docker();
  return new Docker({ socketPath: usualSockets(env).find((path) => existsSync(path)) ?? '/var/run/docker.sock' });
}
