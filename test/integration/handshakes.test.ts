import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wrongErrorShape } from '../fuzz/judge.ts';
import { playSocket } from '../fuzz/sockets/play.ts';
import { SOCKET_ROUTES } from '../fuzz/sockets/routes.ts';
import { openTarget, type Target } from '../fuzz/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

const GOOD = { Host: 'x', Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13' };
const [ROUTE] = SOCKET_ROUTES;

const headOf = (changed: Record<string, string> = {}) =>
  [
    'GET /terminal HTTP/1.1',
    ...Object.entries({ ...GOOD, Authorization: `Bearer ${target.tokens[0]}`, ...changed }).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

const handshake = (changed?: Record<string, string>) =>
  playSocket(
    { route: ROUTE, path: '/terminal', head: headOf(changed), pieces: [], isHasty: false, leaving: 'end', closing: Buffer.alloc(0), times: 1 },
    { url: target.url, patienceMs: 60_000 },
  );

it.each([
  ['a key that is none', { 'Sec-WebSocket-Key': 'short' }],
  ['a version that nobody knows', { 'Sec-WebSocket-Version': '99' }],
  ['two protocols of one name', { 'Sec-WebSocket-Protocol': 'a, a' }],
  ['another protocol besides', { Upgrade: 'websocket, foo' }],
])('a handshake with %s is refused as everything else is', async (_what, changed) => {
  const answer = await handshake(changed);
  expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/json; charset=utf-8' } });
  expect(answer && wrongErrorShape('/terminal', answer)).toBeUndefined();
});

/** A client that is gone before anybody has answered. */
function leaveAtOnce(): Promise<void> {
  const { hostname, port } = new URL(target.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  const left = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(headOf(), () => socket.resetAndDestroy());
  return left;
}

it('clients that leave within the handshake, or are refused, take no place for good', async () => {
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 20 }, leaveAtOnce));
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 20 }, () => handshake({ 'Sec-WebSocket-Key': 'short' })));
  await expect.poll(async () => (await handshake())?.status, { timeout: 20_000 }).toBe(101);
});

it('a refused client that has said much already does not keep its connection, nor the server from ending', async () => {
  const own = await openTarget();
  const { hostname, port } = new URL(own.url);
  const clients = Array.from({ length: 8 }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    const ended = new Promise<void>((resolve) => socket.on('error', () => undefined).once('close', () => resolve()));
    socket.resume().write(headOf({ 'Sec-WebSocket-Key': 'short' }));
    socket.end(Buffer.alloc(300_000));
    return ended;
  });
  await Promise.all(clients);
  await own[Symbol.asyncDispose]();
});
