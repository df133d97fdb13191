import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../ids.ts';
import { partWith } from './connections.ts';
import { errorBody, type WireError } from './errors.ts';

interface ProtocolError extends Error {
  readonly code?: string;
  /** What came last: a Buffer, whatever Fastify's types say. */
  readonly rawPacket?: unknown;
}

const KNOWN: Readonly<Record<string, WireError>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'INVALID_REQUEST',
    error: 'Headers too large',
    message: 'The headers are larger than 16 KiB. Send fewer or shorter ones.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'INVALID_REQUEST', error: 'Request timeout', message: 'The request did not arrive in time. Send it faster.' },
};

const HEAD = Buffer.from('HEAD ');

const NO_HTTP: WireError = {
  status: 400,
  code: 'INVALID_REQUEST',
  error: 'Bad request',
  message: 'The request is not valid HTTP/1.1. Check its headers and body length.',
};

/** Answers what is no HTTP, or comes too slowly, as everything else is answered, and ends its connection. */
export function answerProtocolError(error: ProtocolError, socket: Socket): void {
  if (error.code === 'ECONNRESET') return void socket.destroy();
  const isHead = error.rawPacket instanceof Buffer && error.rawPacket.subarray(0, 5).equals(HEAD);
  endWith(socket, KNOWN[error.code ?? ''] ?? NO_HTTP, { isHead });
}

/** Answers a request that has nothing but its connection any more, which ends with it. */
export function endWith(socket: Socket, wire: WireError, { isHead = false } = {}): void {
  if (!socket.writable || isAnswering(socket)) return void socket.destroy();
  const id = newId('req');
  const body = JSON.stringify(errorBody(wire, id));
  const head = [
    `HTTP/1.1 ${wire.status} ${STATUS_CODES[wire.status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-ID: ${id}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}`);
  partWith(socket);
}

/** Whether an answer to an earlier request of this connection has begun: a second one would be taken for a part of it. Node has no other word for it. */
function isAnswering(socket: Socket): boolean {
  return (socket as Socket & { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true;
}
