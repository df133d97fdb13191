import type { Socket } from 'node:net';
import fastifyWebsocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { CoracleError } from '../../errors.ts';
import { PARTING_MS, partWith } from '../connections.ts';
import { HttpError, type WireError } from '../errors.ts';
import { endWith } from '../protocol-errors.ts';

/** 1 MiB of code takes up to 6 MiB as JSON, when every byte is escaped. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** `closeTimeout` is not in the types of ws. */
const OPTIONS = { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, closeTimeout: PARTING_MS };
/** Connections at once, of everybody and of one tenant. */
const MOST = { all: 1_024, perTenant: 64 };

const BAD_HANDSHAKE: WireError = {
  status: 400,
  code: 'INVALID_REQUEST',
  error: 'Bad request',
  message: 'The WebSocket handshake is not as it should be. Check its key, version (13), protocols and extensions.',
};

export interface Sockets {
  /** The server shuts down, so that it is not the client who has left when a connection ends. */
  isClosing(): boolean;
}

/** Lets routes take WebSocket connections, as many as there may be; a request that is none is told to become one. */
export async function installSockets(app: FastifyInstance): Promise<Sockets> {
  let isClosing = false;
  // Before the plugin's own, which closes the connections.
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  // Also of a handshake that is refused: a client may have sent messages right behind it.
  app.server.prependListener('upgrade', (_request, socket) => socket.once('finish', () => partWith(socket as Socket)));
  await app.register(fastifyWebsocket, { options: OPTIONS });
  // In place of ws's own answer, which is plain text.
  app.websocketServer.on('wsClientError', (_error: Error, socket: Socket) => endWith(socket, BAD_HANDSHAKE));
  const open: string[] = [];
  app.addHook('preValidation', async (request, reply) => {
    if (!request.routeOptions.config.isSocket) return;
    if (!request.ws) throw upgradeRequired();
    const { tenant } = request.scope;
    if (open.length >= MOST.all || open.filter((each) => each === tenant).length >= MOST.perTenant)
      throw new CoracleError('TENANT_LIMIT', 'Too many WebSocket connections are open. Close some first.');
    open.push(tenant);
    reply.raw.socket?.once('close', () => open.splice(open.indexOf(tenant), 1));
  });
  return { isClosing: () => isClosing };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route that takes WebSocket connections only. */
    isSocket?: true;
  }
}

export type SocketHandler = (socket: WebSocket, request: FastifyRequest) => void;

function upgradeRequired(): HttpError {
  return new HttpError({ status: 426, code: 'INVALID_REQUEST', error: 'Upgrade required', message: 'This path takes WebSocket connections only.' });
}
