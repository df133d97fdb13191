import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { GAP_MS, openSession } from '../../../../src/http/sockets/session.ts';

/** A connection in the test's hands, which remembers when each frame was sent; it answers pings, or leaves them to the test. */
function fakeSocket({ answers = true } = {}) {
  const sent: { at: number; text: string }[] = [];
  const state = { isPaused: false };
  const pings: Buffer[] = [];
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,

    send(text: string, done: () => void) {
      sent.push({ at: performance.now(), text });
      done();
    },
    ping(data: string) {
      pings.push(Buffer.from(data));
      if (answers) socket.emit('pong', Buffer.from(data));
    },
    terminate: () => undefined,
    close: () => undefined,
    pause: () => Object.assign(state, { isPaused: true }),
    resume: () => Object.assign(state, { isPaused: false }),
  });
  Object.defineProperty(socket, 'isPaused', { get: () => state.isPaused });
  return { socket: socket as unknown as WebSocket & EventEmitter, sent, state, pings };
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

test('a frame is not sent before the client has taken the one before', async () => {
  const { socket, sent, pings } = fakeSocket({ answers: false });
  const session = openSession({ socket, onInvalid: () => undefined });
  const both = Promise.all([session.send({ index: 0 }), session.send({ index: 1 })]);
  await expect.poll(() => pings).toHaveLength(1);
  await sleep(5 * GAP_MS);
  socket.emit('pong', Buffer.from('of somebody else'));
  expect(sent).toHaveLength(1);
  socket.emit('pong', pings[0]);
  await expect.poll(() => pings).toHaveLength(2);
  expect(sent).toHaveLength(2);
  socket.emit('close');
  await both;
});

test('a client that does not answer is waited for once, one that goes no longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { socket, sent, pings } = fakeSocket({ answers: false });
  const session = openSession({ socket, onInvalid: () => undefined });
  for (let index = 0; index < 3; index += 1) void session.send({ index });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  vi.useRealTimers();
  await expect.poll(() => sent).toHaveLength(3);
  expect(pings).toHaveLength(1);
  socket.emit('close');
});

test('while nothing is read from a client, no answer is waited for', async () => {
  const { socket, sent, pings } = fakeSocket({ answers: false });
  const session = openSession({ socket, onInvalid: () => undefined });
  const busy = Promise.withResolvers<void>();
  session.receive(z.object({}), () => busy.promise);
  const first = session.send({ index: 0 });
  await expect.poll(() => pings).toHaveLength(1);
  socket.emit('message', Buffer.from('{}'), false);
  await first;
  await session.send({ index: 1 });
  expect(sent).toHaveLength(2);
  expect(pings).toHaveLength(1);
  busy.resolve();
  socket.emit('close');
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
