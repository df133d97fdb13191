import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { expect, test } from 'vitest';
import { watchExit } from '../../../../src/engine/docker/watch-exit.ts';
import type { ContainerExit } from '../../../../src/process/outcome.ts';

type Look = 'away' | 'running' | { readonly exitCode: number; readonly agoMs: number; readonly oomKilled?: boolean };

const EXITED = { exitCode: 143, agoMs: 500 };
const KILLED = { exitCode: 137, agoMs: 5 };
const LONG_AGO = { exitCode: 143, agoMs: 60_000 };

interface Scene {
  /** What each look at the container finds. */
  readonly looks: readonly Look[];
  /** The exit code that the wait call tells; 'answers' stands for one that is not 0. */
  readonly wait?: 'answers' | 'breaks' | 0;
  readonly isFresh?: boolean;
  readonly liveRestore?: boolean;
  /** By us. */
  readonly asked?: 'stop' | 'signal';
  /** What the engine's events say of it. */
  readonly noted?: readonly ('kill' | 'oom')[];
  /** How long ago the engine was first found away by whoever adopts. */
  readonly awayForMs?: number;
}

function play({ looks, wait = 'breaks', liveRestore = false, asked, noted = [], awayForMs, isFresh = true }: Scene) {
  const left = [...looks];
  const broken = async () => Promise.reject(new Error('the connection broke'));
  const container = {
    wait: wait === 'breaks' ? broken : async () => ({ StatusCode: wait === 0 ? 0 : 143 }),
    inspect: async () => inspectionOf(left.shift() ?? 'away'),
  };
  return watchExit({
    docker: {
      info: async () => ({ LiveRestoreEnabled: liveRestore }),
      getEvents: async () => Readable.from(noted.map((action) => `{"Type":"container","Action":"${action}"}\n`)),
    } as unknown as Docker,
    container: container as unknown as Container,
    streamEnd: new Promise(() => undefined),
    asked: () => asked,
    isFresh,
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
const lackedMemory = { kind: 'exited', exitCode: 137, oomKilled: true };
const endedLongAgo = { ...exited, exitCode: 0, endedAt: expect.toSatisfy((at: number) => at < Date.now() - 30_000) };
const vanished = { kind: 'vanished', reason: expect.stringContaining('engine stopped') };
const stopped = { kind: 'vanished', reason: expect.stringContaining('or somebody at it, stopped') };
const whole = expect.not.objectContaining({ mayLackOutput: true });
const lacking = expect.objectContaining({ ...exited, mayLackOutput: true });

test.each<Scene & { title: string; is: unknown }>([
  { title: 'a program that ends', wait: 'answers', looks: [EXITED], is: exited },
  { title: 'a program that ends well, of which the engine is asked nothing more', wait: 0, looks: [], is: { ...exited, exitCode: 0, oomKilled: false } },
  { title: 'one that had ended well before it was adopted', wait: 0, isFresh: false, looks: [{ exitCode: 0, agoMs: 60_000 }], is: endedLongAgo },
  { title: 'one that the engine took down', looks: [EXITED], is: vanished },
  { title: 'one that an engine took down that still answers', wait: 'answers', looks: [EXITED], noted: ['kill'], is: stopped },
  {
    title: 'one that was signalled from outside, and ended in its own way',
    wait: 'answers',
    looks: [{ ...EXITED, exitCode: 7 }],
    noted: ['kill'],
    is: { ...exited, exitCode: 7 },
  },
  { title: 'one that we stopped', wait: 'answers', looks: [EXITED], noted: ['kill'], asked: 'stop', is: exited },
  {
    title: 'one that lacked memory',
    wait: 'answers',
    looks: [{ ...EXITED, exitCode: 137, oomKilled: true }],
    noted: ['kill'],
    is: { ...exited, exitCode: 137, oomKilled: true },
  },
  { title: 'one whose lack of memory the engine noted after its exit', wait: 'answers', looks: [KILLED], noted: ['oom'], is: lackedMemory },
  {
    title: 'one that had a signal of ours, and lacked memory later',
    wait: 'answers',
    looks: [KILLED],
    noted: ['kill', 'oom'],
    asked: 'signal',
    is: lackedMemory,
  },
  { title: 'one that lacked memory so while it was taken down', wait: 'answers', looks: [KILLED], noted: ['oom', 'kill'], is: lackedMemory },
  { title: 'one that killed itself', wait: 'answers', looks: [KILLED], is: { ...lackedMemory, oomKilled: false } },
  { title: 'one that we killed', wait: 'answers', looks: [KILLED], noted: ['kill'], asked: 'signal', is: { ...lackedMemory, oomKilled: false } },
  {
    title: 'one that we stopped, of which nothing more is asked',
    wait: 'answers',
    looks: [KILLED],
    noted: ['oom'],
    asked: 'stop',
    is: { ...lackedMemory, oomKilled: false },
  },
  { title: 'one that ended long before the engine stopped', looks: [LONG_AGO], is: exited },
  { title: 'one that outlived a broken connection and ended later', looks: ['running', EXITED], is: exited },
  { title: 'one that outlived a broken connection, with the engine away at its end', looks: ['running', 'away', EXITED], is: vanished },
  { title: 'one that live-restore kept, and that ended while the engine was away', looks: [EXITED], liveRestore: true, is: lacking },
  { title: 'one that we stopped while the engine was away', looks: [EXITED], asked: 'stop', is: lacking },
  { title: 'one that lacked memory while the engine was away', looks: [{ ...EXITED, oomKilled: true }], is: lacking },
  { title: 'one that is adopted of an engine that has been away and took it down', wait: 'answers', looks: [EXITED], awayForMs: 1_000, is: vanished },
  { title: 'one that is adopted of such an engine and had ended before', wait: 'answers', looks: [LONG_AGO], awayForMs: 1_000, is: exited },
])('$title', async ({ is, ...scene }) => {
  const exit = await play(scene);
  expect(exit).toMatchObject(is as object);
  if ((is as ContainerExit).kind === 'exited') expect(exit).toEqual(whole);
});
