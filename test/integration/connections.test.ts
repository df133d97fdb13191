import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { endConnectionsOnClose } from '../../src/http/connections.ts';

async function open() {
  const app = Fastify({ forceCloseConnections: 'idle' });
  endConnectionsOnClose(app);
  const answer = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  app.get('/slow', () => {
    asked.resolve();
    return answer.promise;
  });
  app.get('/', async () => 'at once');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { app, port, answer, asked: asked.promise };
}

async function connected(port: number, request = ''): Promise<{ text: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(request);
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  return { text: once(socket, 'close').then(() => text) };
}

test('a shutdown waits for no connection without a request, and for others until they are answered', async () => {
  const { app, port, answer, asked } = await open();
  const ahead = await connected(port);
  const before = await connected(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const busy = await connected(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await asked;
  const closing = app.close();
  expect(await ahead.text).toBe('');
  expect(await before.text).toContain('at once');
  answer.resolve('after all');
  expect(await busy.text).toContain('after all');
  await closing;
});
