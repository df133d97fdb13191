import type { Random } from '../../support/random.ts';
import type { RequestSource } from '../requests.ts';

type Headers = Readonly<Record<string, string>>;

export interface Handshake {
  readonly path: string;
  readonly head: string;
}

const GOOD: Headers = {
  Host: 'localhost',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

/** Each changes one thing; an empty value stands for a header that is left out. */
const ODD_HEADERS: readonly [Headers, ...Headers[]] = [
  { 'Sec-WebSocket-Key': '' },
  { 'Sec-WebSocket-Key': 'short' },
  { 'Sec-WebSocket-Key': 'x'.repeat(5_000) },
  { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==' },
  { 'Sec-WebSocket-Version': '' },
  { 'Sec-WebSocket-Version': '8' },
  { 'Sec-WebSocket-Version': 'abc' },
  { Upgrade: 'h2c' },
  { Upgrade: '' },
  { Upgrade: 'WebSocket, foo' },
  { Connection: 'close' },
  { Connection: 'keep-alive, Upgrade' },
  { Host: '' },
  { 'Sec-WebSocket-Protocol': 'chat, superchat' },
  { 'Sec-WebSocket-Protocol': ',,' },
  { 'Sec-WebSocket-Protocol': 'a, a' },
  { 'Sec-WebSocket-Protocol': 'x'.repeat(3_000) },
  { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
  { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=99' },
  { 'Sec-WebSocket-Extensions': ';;=,' },
  { Origin: 'https://elsewhere.example' },
  { 'X-Filler': 'x'.repeat(20_000) },
  { 'Content-Length': '5' },
  { 'Transfer-Encoding': 'chunked' },
];

/** Mostly as it should be, for a route that takes it. */
export function nextHandshake({ tokens, badTokens }: RequestSource, random: Random, route: string): Handshake {
  const token = random.integer(1, 12) === 1 ? random.pick(badTokens) : random.pick(tokens);
  const ways = [{}, { 'X-API-Key': token }, { Authorization: token }] as const;
  const authorization: Headers = random.integer(1, 12) === 1 ? random.pick(ways) : { Authorization: `Bearer ${token}` };
  const odd = random.integer(1, 4) === 1 ? random.pick(ODD_HEADERS) : {};
  const method = random.integer(1, 40) === 1 ? random.pick(['POST', 'HEAD', 'PUT', 'OPTIONS']) : 'GET';
  const others = [
    '/nowhere',
    '/v1/nowhere',
    '/health',
    '/execute/processes',
    '/files/upload',
    `${route}/`,
    `${route}?token=x&__proto__=1`,
    route.toUpperCase(),
  ] as const;
  const path = random.integer(1, 20) === 1 ? random.pick(others) : route;
  return { path, head: headOf(`${method} ${path} HTTP/${random.integer(1, 60) === 1 ? '1.0' : '1.1'}`, { ...GOOD, ...authorization, ...odd }) };
}

function headOf(line: string, headers: Headers): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return [line, ...lines, '', ''].join('\r\n');
}
