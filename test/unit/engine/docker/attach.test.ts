import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Container } from 'dockerode';
import { expect, test } from 'vitest';
import { attach } from '../../../../src/engine/docker/attach.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const UPGRADED = 'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

type Serve = (socket: Socket, path: string) => void;

/** An engine that upgrades a connection to `serve`, or answers 404; on a socket of the file system or on TCP. */
async function openEngine(serve: Serve | undefined, { tcp } = { tcp: false }) {
  const folder = await tempFolder();
  const socketPath = join(folder.path, 'engine.sock');
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => void response.writeHead(404).end('{"message":"no such container"}'));
  server.on('connection', (socket) => sockets.add(socket));
  if (serve) server.on('upgrade', (request, socket) => serve(socket as Socket, request.url ?? ''));
  await new Promise<void>((resolve) => (tcp ? server.listen(0, '127.0.0.1', resolve) : server.listen(socketPath, resolve)));
  const { port } = (tcp ? server.address() : {}) as Partial<AddressInfo>;
  const modem = tcp ? { protocol: 'http', host: '127.0.0.1', port } : { protocol: 'http', getSocketPath: async () => socketPath };
  return {
    container: { id: 'abc', modem, attach: async () => PassThrough.from(['by the client']) } as unknown as Container,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString('latin1');
  return text;
}

test.each([false, true])('both ways are carried, from what comes with the answer to the end (over TCP: %s)', async (tcp) => {
  function serve(socket: Socket, path: string): void {
    socket.write(`${UPGRADED}${path} `);
    socket.on('data', (data) => socket.end(`got ${data}`));
  }
  await using engine = await openEngine(serve, { tcp });
  const { socket, chunks } = await attach(engine.container);
  socket.end('input');
  expect(await textOf(chunks)).toBe('/containers/abc/attach?stream=1&stdin=1&stdout=1&stderr=1 got input');
});

test('an answer that comes a byte at a time is one', async () => {
  await using engine = await openEngine(async (socket) => {
    for (const byte of `${UPGRADED}output`) await new Promise((resolve) => socket.write(byte, () => setImmediate(resolve)));
    socket.end();
  });
  expect(await textOf((await attach(engine.container)).chunks)).toBe('output');
});

test('more than is held comes whole to a reader that is slower', async () => {
  const sent = Buffer.alloc(5_000_000, 'what a program prints, ');
  await using engine = await openEngine((socket) => {
    socket.write(UPGRADED);
    socket.end(sent);
  });
  const seen: Buffer[] = [];
  for await (const chunk of (await attach(engine.container)).chunks) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(Buffer.from(chunk));
  }
  expect(Buffer.concat(seen).equals(sent)).toBe(true);
});

test('after a large piece nothing is waited for in vain: what follows comes, however little, and so does the end', async () => {
  await using engine = await openEngine((socket) => {
    socket.write(UPGRADED);
    socket.write(Buffer.alloc(100_000, 'a'));
    socket.once('data', () => {
      socket.write('b');
      socket.once('data', () => socket.end('c'));
    });
  });
  const { chunks, socket } = await attach(engine.container);
  let seen = '';
  for await (const chunk of chunks) {
    seen += Buffer.from(chunk).toString();
    if (seen.length >= 100_000) socket.write('more');
  }
  expect(seen).toBe(`${'a'.repeat(100_000)}bc`);
});

test('a reader that stops is not sent without end', async () => {
  let sentBytes = 0;
  await using engine = await openEngine((socket) => {
    socket.write(UPGRADED);
    const piece = Buffer.alloc(64 * 1024);
    const send = () => {
      for (let more = true; more && sentBytes < 100_000_000; sentBytes += piece.length) more = socket.write(piece);
    };
    socket.on('drain', send).on('error', () => undefined);
    send();
  });
  const { chunks, socket } = await attach(engine.container);
  for await (const chunk of chunks) {
    expect(chunk.length).toBeGreaterThan(0);
    // The engine's side stands still: what it has sent fits into what is held and what the kernel holds.
    for (let before = -1; before !== sentBytes; await new Promise((resolve) => setTimeout(resolve, 50))) before = sentBytes;
    expect(sentBytes).toBeLessThan(10_000_000);
    break;
  }
  expect(socket.destroyed).toBe(true);
});

test('a connection that breaks is an error', async () => {
  const asked = Promise.withResolvers<void>();
  await using engine = await openEngine((socket) => void socket.write(`${UPGRADED}some`, () => asked.promise.then(() => socket.resetAndDestroy())), {
    tcp: true,
  });
  const { chunks, socket } = await attach(engine.container);
  const read = textOf(chunks);
  asked.resolve();
  await expect(read).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(socket.destroyed).toBe(true);
});

test('a connection that we close is an error too', async () => {
  await using engine = await openEngine((socket) => void socket.write(UPGRADED));
  const { chunks, socket } = await attach(engine.container);
  const read = textOf(chunks);
  socket.destroy();
  await expect(read).rejects.toThrow('cut');
});

test.each([
  ['an engine that does not upgrade', undefined],
  ['an answer that is none', (socket: Socket) => void socket.end('nonsense')],
  ['an answer without end', (socket: Socket) => void socket.on('error', () => undefined).end('x'.repeat(100_000))],
])('%s is left to the client', async (_what, serve) => {
  await using engine = await openEngine(serve);
  expect(await textOf((await attach(engine.container)).chunks)).toBe('by the client');
});

test('TLS is left to the client', async () => {
  const container = { id: 'abc', modem: { protocol: 'https', host: '127.0.0.1', port: 1 }, attach: async () => PassThrough.from(['by the client']) };
  expect(await textOf((await attach(container as unknown as Container)).chunks)).toBe('by the client');
});

test('an engine that is not there is an error', async () => {
  const container = { id: 'abc', modem: { protocol: 'http', getSocketPath: async () => '/nonexistent/engine.sock' } };
  await expect(attach(container as unknown as Container)).rejects.toMatchObject({ code: 'ENOENT' });
});
