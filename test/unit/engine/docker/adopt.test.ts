import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { expect, test } from 'vitest';
import { createAdopt } from '../../../../src/engine/docker/adopt.ts';
import { createDockerEngine } from '../../../../src/engine/docker/docker-engine.ts';

const INSTANCE = 'inst_test';

/** An engine with one container, whose status changes from look to look, and that has printed nothing. */
function engineWith({ looks, exitCode = 3 }: { looks: readonly string[]; exitCode?: number }) {
  const left = [...looks];
  const done: string[] = [];
  const container = {
    id: 'abc',
    inspect: async () => ({ Id: 'abc', Config: { Labels: { 'coracle.instance': INSTANCE } }, State: { ...stateOf(left.shift()), ExitCode: exitCode } }),
    wait: async () => ({}),
    remove: async () => void done.push('removed'),
    modem: { dial: (_options: object, answer: (error: null, stream: AsyncIterable<Buffer>) => void) => answer(null, (async function* () {})()) },
  };
  const docker = { getContainer: () => container, getEvents: async () => Readable.from([]) } as unknown as Docker;
  return { done, engine: createDockerEngine({ docker, instance: INSTANCE, imageReference: (image) => image }) };
}

const stateOf = (status = 'exited') => ({
  Status: status,
  Running: false,
  ExitCode: 3,
  OOMKilled: false,
  StartedAt: '2026-11-23T22:45:41Z',
  FinishedAt: '2026-11-23T22:45:42Z',
});

test('a container whose start the engine has forgotten may have run: it has vanished, and is left to be removed after that is on record', async () => {
  const { engine, done } = engineWith({ looks: ['created'] });
  const adopted = await engine.adopt('abc');
  if (typeof adopted === 'string') throw new Error(adopted);
  expect(await adopted.exit).toEqual({ kind: 'vanished', reason: expect.stringContaining('does not know whether it ran') });
  expect(done).toEqual([]);
  await adopted.remove();
  expect(done).toEqual(['removed']);
});

test.each([
  { title: 'has left by itself is unused, and removed', exitCode: 125, is: 'unused', done: ['removed'] },
  { title: 'was ended by somebody else may have run', exitCode: 137, is: { id: 'abc' }, done: [] },
])('a container whose launcher $title', async ({ exitCode, is, done: expected }) => {
  const { engine, done } = engineWith({ looks: ['exited', 'exited', 'exited'], exitCode });
  const adopted = await engine.adopt('abc');
  if (typeof is === 'string') expect(adopted).toBe(is);
  else expect(adopted).toMatchObject(is);
  expect(done).toEqual(expected);
});

/** What an engine that has lost its hold on a container answers: it runs, and its log goes on, but it cannot be ended. */
function engineWithout({ looks }: { looks: readonly ('running' | 'away' | 'silent')[] }) {
  const left = [...looks];
  const done: string[] = [];
  let isAway = false;
  const container = {
    id: 'abc',
    async inspect() {
      const look = left.shift();
      isAway = look === 'away';
      if (look !== 'running') throw new Error(isAway ? 'connect ECONNREFUSED' : 'no answer in time');
      return { Id: 'abc', Config: { Labels: { 'coracle.instance': INSTANCE } }, State: { ...stateOf('running'), Running: true } };
    },
    wait: () => new Promise(() => undefined),
    stop: async () => {
      done.push('told to stop');
      throw Object.assign(new Error('tried to kill container, but did not receive an exit event'), { statusCode: 500 });
    },
    modem: { dial: (_options: object, answer: (error: null, stream: AsyncIterable<Buffer>) => void) => answer(null, new Readable({ read: () => undefined })) },
  };
  async function ping(): Promise<void> {
    if (isAway) throw new Error('connect ECONNREFUSED');
  }
  const docker = { getContainer: () => container, ping } as unknown as Docker;
  return { done, adopt: createAdopt({ docker, instance: INSTANCE, launcherLeavesMs: 5 }) };
}

test.each([
  { title: 'cannot be ended', looks: ['running', 'running', 'running', 'running'], stops: 2 },
  { title: 'cannot be ended, and of which the engine tells nothing after that', looks: ['running', 'silent', 'silent'], stops: 1 },
] as const)('a launcher without a job that $title is given up after the second time, and its process told to have vanished', async ({ looks, stops }) => {
  const { adopt, done } = engineWithout({ looks });
  await expect(adopt('abc')).rejects.toThrow('runs on');
  const adopted = await adopt('abc');
  if (typeof adopted === 'string') throw new Error(adopted);
  expect(await adopted.exit).toEqual({ kind: 'vanished', reason: expect.stringContaining('does not know whether it ran') });
  expect(done).toEqual(Array.from({ length: stops }, () => 'told to stop'));
});

test('one that could not be ended because the engine went away is tried again', async () => {
  const { adopt } = engineWithout({ looks: ['running', 'away', 'running', 'running', 'away'] });
  await expect(adopt('abc')).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  await expect(adopt('abc')).rejects.toThrow('runs on');
  await expect(adopt('abc')).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});
