import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { hasCommand, installPackages, isDebianLike, isRoot } from './machine.ts';
import { SetupError, say, step } from './steps.ts';

const CONFIG = '/etc/docker/daemon.json';
const PID_FILES = ['/var/run/docker.pid', '/run/docker.pid'];
const RELOAD_MS = 20_000;

/**
 * The platform is what works on every machine, virtual ones included; without network of its own the sandbox has only what it was given. Never with
 * --ignore-cgroups: memory would then be unlimited.
 */
export const RUNSC = { path: '/usr/bin/runsc', runtimeArgs: ['--platform=ptrace', '--network=none'] };

/**
 * For the tests, which play hostile programs on gVisor too: where the engine has no runtime `runsc`, root on Debian gets it installed and entered in
 * daemon.json, which the engine then reads again without stopping anything. `npm start` never comes here. Throws SetupError with the commands.
 */
export async function ensureGvisor(docker: Docker): Promise<void> {
  if (await hasRunsc(docker)) return;
  if (!isRoot() || !isDebianLike()) throw new SetupError(instructions());
  if (!hasCommand('runsc')) await step('the tests need gVisor: installing runsc from the distribution', () => installPackages(['runsc']));
  await step(`entering the runtime "runsc" in ${CONFIG} and telling dockerd to read it again`, () => enterRuntime(docker));
}

async function hasRunsc(docker: Docker): Promise<boolean> {
  return 'runsc' in ((await docker.info()).Runtimes ?? {});
}

async function enterRuntime(docker: Docker): Promise<void> {
  mkdirSync(dirname(CONFIG), { recursive: true });
  const written = existsSync(CONFIG) ? readFileSync(CONFIG, 'utf8') : '';
  writeFileSync(CONFIG, withRunsc(written));
  process.kill(daemonPid(), 'SIGHUP');
  for (const deadline = Date.now() + RELOAD_MS; Date.now() < deadline; await sleep(200)) if (await hasRunsc(docker)) return;
  throw new SetupError(`dockerd did not take the runtime "runsc" from ${CONFIG}. Its log says why; restart it and run this again.`);
}

/** What daemon.json says, and the runtime; what it had under that name stays. Throws SetupError when it is no JSON object. */
export function withRunsc(written: string): string {
  try {
    const config = written.trim() === '' ? {} : JSON.parse(written);
    return `${JSON.stringify({ ...config, runtimes: { runsc: RUNSC, ...config.runtimes } }, undefined, 2)}\n`;
  } catch (error) {
    throw new SetupError(`${CONFIG} is no JSON (${(error as Error).message}). Mend it and run this again.`);
  }
}

function daemonPid(): number {
  const file = PID_FILES.find((path) => existsSync(path));
  if (!file) throw new SetupError(`No dockerd of this machine is known (${PID_FILES[0]} is missing). ${instructions()}`);
  const pid = Number(readFileSync(file, 'utf8'));
  say(`  dockerd is process ${pid}`);
  return pid;
}

function instructions(): string {
  const entry = JSON.stringify({ runtimes: { runsc: RUNSC } });
  return `The tests need gVisor as a runtime of the engine. Install runsc (https://gvisor.dev/docs/user_guide/install/; on Debian: sudo apt-get install -y runsc), add this to ${CONFIG} on the engine's host:\n  ${entry}\nand run there:\n  sudo kill -HUP "$(cat /var/run/docker.pid)"`;
}
