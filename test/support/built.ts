import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readInstance } from '../../src/instance.ts';
import { SERVER_FLAGS } from '../../src/setup/node-flags.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { cleanEngine } from './docker.ts';
import { imageTag } from './images.ts';
import { until } from './until.ts';

const PROGRAM = join(PROJECT_ROOT, 'dist', 'cli', 'coracle.js');

export interface Run {
  readonly child: ChildProcess;
  /** Of both streams, as it came. */
  readonly output: () => string;
  readonly stdout: () => Buffer;
  readonly stderr: () => string;
  readonly exit: Promise<number | NodeJS.Signals | null>;
}

/** Runs the built command. Its environment has nothing of ours but what is given. */
export function coracle(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const { PATH, HOME, DOCKER_HOST } = process.env;
  const child = spawn(process.execPath, [...SERVER_FLAGS, PROGRAM, ...args], {
    env: { PATH, HOME, DOCKER_HOST, CORACLE_IMAGE_TAG: imageTag, XDG_CONFIG_HOME: '/nonexistent', ...env },
  });
  const chunks: { readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }[] = [];
  for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (data) => chunks.push({ stream, data }));
  const bytes = (wanted?: string) => Buffer.concat(chunks.filter(({ stream }) => wanted === undefined || stream === wanted).map(({ data }) => data));
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  return { child, output: () => String(bytes()), stdout: () => bytes('stdout'), stderr: () => String(bytes('stderr')), exit };
}

/** The built server on one data folder, to be stopped, killed and started again. */
export interface BuiltServer extends AsyncDisposable {
  readonly url: string;
  readonly jwtSecret: string;
  readonly dataDir: string;
  readonly instance: string;
  start(): Promise<void>;
  /** Answers what it exited with. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** What it exits with by itself. */
  ended(): Promise<number | NodeJS.Signals | null>;
  output(): string;
  pid(): number;
}

export async function buildServer(env: NodeJS.ProcessEnv = {}): Promise<BuiltServer> {
  const dataDir = env['CORACLE_DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'coracle-built-')));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let run: Run | undefined;

  async function start(): Promise<void> {
    const started = coracle(['serve'], { CORACLE_PORT: String(port), CORACLE_DATA_DIR: dataDir, ...env });
    run = started;
    await until(async () => {
      if (started.child.exitCode !== null) throw new Error(`the server ended: ${started.output()}`);
      return (await fetch(`${url}/health`).catch(() => undefined))?.ok;
    }, 'the server to listen');
  }

  async function stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    run?.child.kill(signal);
    return (await run?.exit) ?? null;
  }

  await start();
  const instance = readInstance(dataDir);
  return {
    url,
    jwtSecret: await readFile(join(dataDir, 'jwt-secret'), 'utf8'),
    dataDir,
    instance,
    start,
    stop,
    ended: async () => (await run?.exit) ?? null,
    output: () => run?.output() ?? '',
    pid: () => run?.child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
      await cleanEngine(instance);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
