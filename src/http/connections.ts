import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** For a client that has been told that the connection ends to end it too, milliseconds. */
export const PARTING_MS = 5_000;

/** Reads whatever still comes on a connection whose last word is said: the end of it lies behind that, and nobody else would find it. */
export function partWith(socket: Socket): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), PARTING_MS);
  socket.once('close', () => clearTimeout(timer));
}

/**
 * Ends every connection without a request as soon as the server shuts down, and the others after their answer. Node by itself leaves one open on which
 * nothing was ever asked, as clients open them ahead, and waits for it.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  let isClosing = false;

  function setFree(socket: Socket): void {
    if (isClosing) socket.end();
    else if (!socket.destroyed) unused.add(socket);
  }

  app.server.on('connection', (socket) => {
    setFree(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }, response) => {
    unused.delete(socket);
    response.once('close', () => setFree(socket));
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of unused) socket.end();
  });
}
