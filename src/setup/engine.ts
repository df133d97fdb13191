import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { connectDocker, usualSockets } from '../engine/docker/connect.ts';
import { hasCommand, installPackages, isDebianLike, isRoot } from './machine.ts';
import { run, SetupError, say, step } from './steps.ts';

const ANSWER_MS = 5_000;
const START_MS = 60_000;
const DAEMON_LOG = '/var/log/coracle-dockerd.log';

/**
 * Finds a container engine that answers, by DOCKER_HOST or at the usual sockets. Where none does, root on Debian or Ubuntu gets one installed and
 * started; anybody else is told the commands. Throws SetupError with them.
 */
export async function ensureEngine(): Promise<Docker> {
  const found = await answering();
  if (found) return found;
  if (process.env['DOCKER_HOST'])
    throw new SetupError(`No container engine answers at DOCKER_HOST=${process.env['DOCKER_HOST']}. Start it, or unset DOCKER_HOST.`);
  refuseWithoutPermission();
  if (!isRoot() || !isDebianLike()) throw new SetupError(instructions());
  if (!hasCommand('dockerd')) await step('no container engine found: installing docker.io from the distribution', () => installPackages(['docker.io']));
  return step('starting dockerd', startDaemon);
}

async function answering(): Promise<Docker | undefined> {
  const docker = connectDocker();
  const version = await Promise.race([docker.version().catch(() => undefined), sleep(ANSWER_MS, undefined, { ref: false })]);
  if (version) say(`  container engine ${version.Version} (API ${version.ApiVersion})`);
  return version && docker;
}

async function startDaemon(): Promise<Docker> {
  if (existsSync('/run/systemd/system')) await run('systemctl', ['start', 'docker']);
  else spawnDaemon();
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(500)) {
    const docker = await answering();
    if (docker) return docker;
  }
  const log = existsSync(DAEMON_LOG) ? `Its log (${DAEMON_LOG}) ends with:\n${readFileSync(DAEMON_LOG, 'utf8').slice(-2_000)}` : 'See "journalctl -u docker".';
  throw new SetupError(`dockerd does not answer after ${START_MS / 1000} s. ${log}`);
}

/** Without systemd it is ours to start; it goes on when we end, as a service would. */
function spawnDaemon(): void {
  const log = openSync(DAEMON_LOG, 'a');
  say(`  there is no systemd: dockerd runs in the background, with its log in ${DAEMON_LOG}`);
  spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log], env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } }).unref();
}

function refuseWithoutPermission(): void {
  const socket = usualSockets().find((path) => existsSync(path));
  if (!socket || isRoot()) return;
  throw new SetupError(
    `The container engine's socket ${socket} is there, but this user may not use it, or nothing listens. Run:\n  sudo systemctl start docker\n  sudo usermod -aG docker "$USER"\nthen log in again.`,
  );
}

function instructions(): string {
  if (!isDebianLike())
    return 'No container engine answers. Install Docker Engine 20.10 or later (https://docs.docker.com/engine/install/), start it, and run this again.';
  return 'No container engine answers. Run:\n  sudo apt-get update && sudo apt-get install -y docker.io\n  sudo systemctl enable --now docker\n  sudo usermod -aG docker "$USER"\nthen log in again and repeat this command.';
}
