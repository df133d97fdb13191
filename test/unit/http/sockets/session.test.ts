import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { openSession } from '../../../../src/http/sockets/session.ts';

/** A connection in the test's hands, which remembers when each frame was sent. */
function fakeSocket() {
  const sent: { at: number; text: string }[] = [];
  const state = { isPaused: false };
  const socket = Object.assign(new EventEmitter(), {
    send(text: string, done: () => void) {
      sent.push({ at: performance.now(), text });
      done();
    },
    ping: () => undefined,
    terminate: () => undefined,
    close: () => undefined,
    pause: () => Object.assign(state, { isPaused: true }),
    resume: () => Object.assign(state, { isPaused: false }),
  });
  return { socket: socket as unknown as WebSocket & EventEmitter, sent, state };
}

test('frames keep their order and their distance', async () => {
  const { socket, sent } = fakeSocket();
  const session = openSession({ socket, onInvalid: () => undefined });
  await Promise.all(Array.from({ length: 6 }, (_, index) => session.send({ index })));
  expect(sent.map(({ text }) => JSON.parse(text).index)).toEqual([0, 1, 2, 3, 4, 5]);
  for (const [index, { at }] of sent.entries()) if (index > 0) expect(at - (sent[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(5);
  socket.emit('close');
  expect(session.signal.aborted).toBe(true);
  await session.send({ index: 6 });
  expect(sent).toHaveLength(6);
});

test('messages are taken one after the other, and nothing is read meanwhile', async () => {
  const { socket, state } = fakeSocket();
  const problems: string[] = [];
  const session = openSession({ socket, onInvalid: (problem) => problems.push(problem) });
  const taken: number[] = [];
  const first = Promise.withResolvers<void>();
  session.receive(z.object({ n: z.number() }), async ({ n }) => {
    taken.push(n);
    if (n === 1) await first.promise;
  });
  for (const text of ['{"n":1}', 'nonsense', '{"n":"x"}', '{"n":2}']) socket.emit('message', Buffer.from(text), false);
  socket.emit('message', Buffer.from('{"n":3}'), true);
  await expect.poll(() => taken).toEqual([1]);
  expect(state.isPaused).toBe(true);
  first.resolve();
  await expect.poll(() => taken).toEqual([1, 2]);
  await expect.poll(() => problems.length).toBe(3);
  expect(problems[1]).toMatch(/^n: /);
  socket.emit('close');
});
