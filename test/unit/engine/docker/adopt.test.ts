import type Docker from 'dockerode';
import { expect, test } from 'vitest';
import { createDockerEngine } from '../../../../src/engine/docker/docker-engine.ts';

const INSTANCE = 'inst_test';
const INIT = [{ Path: '/usr/sbin/docker-init', Kind: 1 }];

/** An engine with one container, whose status changes from look to look, and the paths that a start has put into it. */
function engineWith({ looks, changes }: { looks: readonly string[]; changes: unknown }) {
  const left = [...looks];
  const done: string[] = [];
  const container = {
    id: 'abc',
    inspect: async () => ({ Id: 'abc', Config: { Labels: { 'coracle.instance': INSTANCE } }, State: stateOf(left.shift()) }),
    changes: async () => changes,
    wait: async () => ({}),
    remove: async () => void done.push('removed'),
    modem: { dial: (_options: object, answer: (error: null, stream: AsyncIterable<Buffer>) => void) => answer(null, (async function* () {})()) },
  };
  const docker = { getContainer: () => container } as unknown as Docker;
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

// What the engine answers for no changes is "null", which the client hands on as it came.
test.each([null, Buffer.from('null\n'), []])('a container whose start has not begun is removed, so that the process can start (%j)', async (changes) => {
  const { engine, done } = engineWith({ looks: ['created', 'created'], changes });
  expect(await engine.adopt('proc_1')).toBeUndefined();
  expect(done).toEqual(['removed']);
});

test('a container whose start the engine has forgotten may have run: it has vanished, and is left to be removed after that is on record', async () => {
  const { engine, done } = engineWith({ looks: ['created', 'created'], changes: INIT });
  const adopted = await engine.adopt('proc_1');
  expect(await adopted?.exit).toEqual({ kind: 'vanished', reason: expect.stringContaining('does not know whether it ran') });
  expect(done).toEqual([]);
  await adopted?.remove();
  expect(done).toEqual(['removed']);
});

test('a container that is just being started is adopted', async () => {
  const { engine } = engineWith({ looks: ['created', 'exited', 'exited'], changes: INIT });
  expect(await (await engine.adopt('proc_1'))?.exit).toMatchObject({ kind: 'exited', exitCode: 3 });
});
