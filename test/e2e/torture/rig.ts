import { randomBytes } from 'node:crypto';
import { LABEL } from '../../../src/engine/docker/labels.ts';
import { freePort } from '../../support/built.ts';
import { containerOf, isWaiting } from '../../support/docker.ts';
import { imageReference } from '../../support/images.ts';
import { type PrivateEngine, privateEngine } from '../../support/private-engine.ts';
import type { Random } from '../../support/random.ts';
import { type SmallDisk, smallDisk } from '../../support/small-disk.ts';
import type { Accepted } from './accepted.ts';
import { type Answer, type Call, type Client, clientOf } from './client.ts';
import { KEPT_BYTES } from './load.ts';
import { keepServer, type ServerKeeper } from './server-keeper.ts';
import { createSpells, type Spells } from './spells.ts';

/** A server on an engine and a disk of its own, and its tenants. */
export interface Rig extends AsyncDisposable {
  readonly engine: PrivateEngine;
  readonly disk: SmallDisk;
  readonly server: ServerKeeper;
  readonly clients: readonly Client[];
  readonly away: Readonly<Record<'engine' | 'crash' | 'server' | 'disk', Spells>>;
}

export interface RigOptions {
  readonly tenants: number;
  readonly diskMebibytes: number;
  readonly maxContainers: number;
  readonly liveRestore: boolean;
  readonly onAnswer: (call: Call, answer: Answer) => void;
}

const MIB = 1024 * 1024;
export const LEAST_FREE_MIB = 16;

export async function createRig({ tenants, diskMebibytes, maxContainers, liveRestore, onAnswer }: RigOptions): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const engine = stack.use(await privateEngine({ 'live-restore': liveRestore }));
  await engine.load(imageReference('bash'));
  const disk = stack.use(await smallDisk(diskMebibytes));
  const away = { engine: createSpells(), crash: createSpells(), server: createSpells(), disk: createSpells() };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const jwtSecret = randomBytes(32).toString('hex');
  const env = {
    DOCKER_HOST: engine.host,
    CORACLE_PORT: String(port),
    CORACLE_DATA_DIR: disk.path,
    CORACLE_JWT_SECRET: jwtSecret,
    CORACLE_MAX_CONTAINERS: String(maxContainers),
    CORACLE_MEMORY_MB: '64',
    CORACLE_OUTPUT_MB: String(KEPT_BYTES / MIB),
    CORACLE_MIN_FREE_MB: String(LEAST_FREE_MIB),
    CORACLE_RETENTION_COUNT: '10000000',
    CORACLE_SWEEP_SECONDS: '2',
  };
  const server = keepServer({ url, env, away: away.server });
  stack.defer(async () => void (await server.stop('SIGKILL')));
  const ends = new AbortController();
  stack.defer(() => ends.abort(new Error('the torture is over')));
  const clients = await Promise.all(
    Array.from({ length: tenants }, (_, index) => clientOf({ url, jwtSecret, onAnswer, signal: ends.signal }, `tenant-${index}`)),
  );
  const kept = stack.move();
  return { engine, disk, server, clients, away, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Picks one of the processes that their records call running, and says how to remove its container. */
export async function findRunning({ engine, clients, disk }: Rig, accepted: readonly Accepted[], random: Random): Promise<(() => Promise<void>) | undefined> {
  const alive = accepted.filter(({ isOver, removedAt }) => !isOver && removedAt === undefined);
  const chosen = alive[random.integer(0, alive.length - 1)];
  const client = clients.find(({ tenant }) => tenant === chosen?.tenant);
  const answer = chosen && (await client?.call({ method: 'GET', path: `/execute/processes/${chosen.id}` }));
  if (!chosen || answer?.body['status'] !== 'running') return undefined;
  return async () => {
    chosen.removedAt = Date.now();
    await engine.docker
      .getContainer(containerOf({ dataDir: disk.path }, chosen.id))
      .remove({ force: true })
      .catch(() => undefined);
  };
}

/** What is on the engine that should not be there once everything has ended: only the volumes of the sandboxes may be, and what is kept ready for them. */
export async function leftOnEngine({ docker }: PrivateEngine, sandboxes: number): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  const areWaiting = await Promise.all(containers.map(({ Id }) => isWaiting(Id, docker)));
  const left = containers.filter((_, index) => !areWaiting[index]);
  const { Volumes } = await docker.listVolumes();
  const volumes = (Volumes ?? []).map(({ Name, Labels }) => ({ name: Name, sandbox: Labels?.[LABEL.sandbox] }));
  // A workspace and a /tmp.
  const isOneEach = new Set(volumes.map(({ sandbox }) => sandbox)).size === sandboxes && volumes.length === 2 * sandboxes;
  return [
    ...left.map(({ Names, State }) => `container ${Names.join(' ')} (${State})`),
    ...(isOneEach ? [] : [`volumes ${volumes.map(({ name }) => name).join(' ')} for ${sandboxes} sandboxes`]),
  ];
}
