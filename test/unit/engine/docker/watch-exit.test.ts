import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { expect, test } from 'vitest';
import { watchExit } from '../../../../src/engine/docker/watch-exit.ts';

type Look = 'away' | 'running' | { readonly exitCode: number; readonly agoMs: number; readonly oomKilled?: boolean };

const EXITED = { exitCode: 143, agoMs: 500 };
const LONG_AGO = { exitCode: 143, agoMs: 60_000 };

interface Scene {
  /** What each look at the container finds. */
  readonly looks: readonly Look[];
  readonly wait?: 'answers' | 'breaks';
  readonly liveRestore?: boolean;
  readonly isStopAsked?: boolean;
  /** How long ago the engine was first found away by whoever adopts. */
  readonly awayForMs?: number;
}

function play({ looks, wait = 'breaks', liveRestore = false, isStopAsked = false, awayForMs }: Scene) {
  const left = [...looks];
  const broken = async () => Promise.reject(new Error('the connection broke'));
  const container = { wait: wait === 'breaks' ? broken : async () => ({}), inspect: async () => inspectionOf(left.shift() ?? 'away') };
  return watchExit({
    docker: { info: async () => ({ LiveRestoreEnabled: liveRestore }) } as unknown as Docker,
    container: container as unknown as Container,
    streamEnd: new Promise(() => undefined),
    isStopAsked: () => isStopAsked,
    awaySince: awayForMs === undefined ? undefined : Date.now() - awayForMs,
  });
}

function inspectionOf(look: Look) {
  if (look === 'away') throw new Error('connect ECONNREFUSED');
  if (look === 'running') return { State: { Running: true, Status: 'running' } };
  const { exitCode, agoMs, oomKilled = false } = look;
  return { State: { Running: false, Status: 'exited', ExitCode: exitCode, OOMKilled: oomKilled, FinishedAt: new Date(Date.now() - agoMs).toISOString() } };
}

const exited = { kind: 'exited', exitCode: 143 };
const vanished = { kind: 'vanished', reason: expect.stringContaining('engine stopped') };
const whole = expect.not.objectContaining({ mayLackOutput: true });
const lacking = expect.objectContaining({ ...exited, mayLackOutput: true });

test.each<Scene & { title: string; is: unknown }>([
  { title: 'a program that ends', wait: 'answers', looks: [EXITED], is: exited },
  { title: 'one that the engine took down', looks: [EXITED], is: vanished },
  { title: 'one that ended long before the engine stopped', looks: [LONG_AGO], is: exited },
  { title: 'one that outlived a broken connection and ended later', looks: ['running', EXITED], is: exited },
  { title: 'one that outlived a broken connection, with the engine away at its end', looks: ['running', 'away', EXITED], is: vanished },
  { title: 'one that live-restore kept, and that ended while the engine was away', looks: [EXITED], liveRestore: true, is: lacking },
  { title: 'one that we stopped while the engine was away', looks: [EXITED], isStopAsked: true, is: lacking },
  { title: 'one that lacked memory while the engine was away', looks: [{ ...EXITED, oomKilled: true }], is: lacking },
  { title: 'one that is adopted of an engine that has been away and took it down', wait: 'answers', looks: [EXITED], awayForMs: 1_000, is: vanished },
  { title: 'one that is adopted of such an engine and had ended before', wait: 'answers', looks: [LONG_AGO], awayForMs: 1_000, is: exited },
])('$title', async ({ is, ...scene }) => {
  const exit = await play(scene);
  expect(exit).toEqual(is === exited ? whole : is);
  if (is === exited) expect(exit).toMatchObject(exited);
});
