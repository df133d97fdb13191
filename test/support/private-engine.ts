import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { docker as mainEngine } from './docker.ts';
import { daemonsOf, endEngineOf, requireRoot, unmountBelow } from './host.ts';
import { until } from './until.ts';

/** A container engine of a test's own, to be stopped, killed and started again while the machine's engine goes on undisturbed. */
export interface PrivateEngine extends AsyncDisposable {
  readonly docker: Docker;
  /** As DOCKER_HOST takes it. */
  readonly host: string;
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** SIGTERM stops it as an operator does, with its containers unless it has live-restore; SIGKILL is its crash. Resolves when it is gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Brings an image of the machine's engine over. */
  load(image: string): Promise<void>;
}

/** As in daemon.json, which they are written into. */
export type EngineSettings = Readonly<Record<string, unknown>>;

/** Containers here have no network, so unless told otherwise it needs no bridge. */
const NO_NETWORK = { bridge: 'none', iptables: false, ip6tables: false };

/** dockerd does not stop before its containers have had their grace. */
const STOP_MS = 60_000;

/** Started, and without any image. */
export async function privateEngine(settings: EngineSettings = {}): Promise<PrivateEngine> {
  requireRoot('The test starts a container engine of its own');
  const folder = await mkdtemp(join(tmpdir(), 'coracle-engine-'));
  // Root of a user namespace is somebody else here, and has to pass through to its containers.
  await chmod(folder, 0o711);
  await writeFile(join(folder, 'daemon.json'), JSON.stringify({ ...NO_NETWORK, ...settings }));
  const socketPath = join(folder, 'docker.sock');
  const docker = new Docker({ socketPath });
  let daemon: Daemon | undefined;

  async function start(): Promise<void> {
    const started = startDaemon(folder, [`--host=unix://${socketPath}`]);
    daemon = started;
    await until(async () => {
      if (started.child.exitCode !== null) throw new Error(`dockerd ended. Its log:\n${(await readFile(join(folder, 'log'), 'utf8')).slice(-4_000)}`);
      return docker.ping().catch(() => undefined);
    }, 'the private engine to answer');
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    daemon?.child.kill(signal);
    await daemon?.exit;
    daemon = undefined;
    await until(async () => (await daemonsOf(folder)).length === 0, 'the daemons of the private engine to end');
    // A crash leaves these, and the next engine would take whoever has such a number by now for its own.
    for (const pidFile of ['pid', 'exec/containerd/containerd.pid']) await rm(join(folder, pidFile), { force: true });
  }

  const engine: PrivateEngine = {
    docker,
    host: `unix://${socketPath}`,
    start,
    stop,
    async load(image) {
      const loaded = await docker.loadImage(await mainEngine.getImage(image).get());
      await new Promise((resolve, reject) => docker.modem.followProgress(loaded, (error) => (error ? reject(error) : resolve(undefined))));
    },
    async [Symbol.asyncDispose]() {
      if (!daemon) await start().catch(() => undefined);
      await removeContainers(docker).catch(() => undefined);
      const isLate = setTimeout(() => daemon?.child.kill('SIGKILL'), STOP_MS);
      await stop('SIGTERM');
      clearTimeout(isLate);
      await endEngineOf(folder);
      await unmountBelow(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await start();
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

interface Daemon {
  readonly child: ChildProcess;
  readonly exit: Promise<unknown>;
}

/** Everything of it lies in the folder. */
function startDaemon(folder: string, args: readonly string[]): Daemon {
  const places = [`--data-root=${join(folder, 'data')}`, `--exec-root=${join(folder, 'exec')}`, `--pidfile=${join(folder, 'pid')}`];
  const apart = ['--storage-driver=overlay2', `--config-file=${join(folder, 'daemon.json')}`];
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  // In a network namespace of its own, where its bridge and its rules are: an engine without a bridge removes docker0 at its start, which is another's.
  const child = spawn('unshare', ['--net', 'dockerd', ...places, ...apart, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const log = createWriteStream(join(folder, 'log'), { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  const exit = new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error('dockerd could not be started. Is it installed? "npm run setup" does that.', { cause: error })));
    child.on('close', resolve);
  });
  return { child, exit };
}

async function removeContainers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}
