import type { Random } from '../../support/random.ts';
import type { RequestSource } from '../requests.ts';
import { ODD_VALUES, type ValueSource, valueFor } from '../values.ts';
import { closePayload, encodeFrame, OPCODE } from './frames.ts';
import { nextHandshake } from './handshakes.ts';
import { SOCKET_ROUTES, type SocketRoute } from './routes.ts';

/** How a client leaves: with a close frame, with the end of its stream, or at once. */
export type Leaving = 'close' | 'end' | 'cut';

export interface SocketScript {
  readonly route: SocketRoute;
  readonly path: string;
  /** As it is sent: request line and headers. */
  readonly head: string;
  /** Sent one after the other once the connection is a WebSocket, or at once, before anybody knows. */
  readonly pieces: readonly Buffer[];
  readonly isHasty: boolean;
  readonly leaving: Leaving;
  readonly closing: Buffer;
  /** The same, so many times at once. */
  readonly times: number;
}

/** A conversation that follows from its source, the random numbers and the ids alone. */
export function nextSocket(source: RequestSource, random: Random, ids: readonly string[]): SocketScript {
  const route = random.pick(SOCKET_ROUTES);
  const values: ValueSource = { document: source.document, random, ids: ['proc_AAAAAAAAAAAAAAAAAAAAAA', ...ids] };
  const count = random.integer(0, 4);
  return {
    route,
    ...nextHandshake(source, random, route.path),
    pieces: Array.from({ length: count }, () => pieceFor(values, route)),
    isHasty: random.integer(1, 12) === 1,
    leaving: random.pick(['close', 'close', 'end', 'cut']),
    closing: encodeFrame(OPCODE.close, closing(random)),
    times: random.integer(1, 12) === 1 ? random.integer(2, 6) : 1,
  };
}

function closing(random: Random): Buffer {
  if (random.integer(1, 3) > 1) return closePayload(1000);
  const reasons = ['', 'x'.repeat(123), Buffer.from([0xff]), 'x'.repeat(124)] as const;
  const payloads = [Buffer.alloc(0), Buffer.from([3]), closePayload(random.integer(0, 65_535)), closePayload(1001, random.pick(reasons))] as const;
  return random.pick(payloads);
}

/** Mostly a message that the route takes. */
function pieceFor(values: ValueSource, route: SocketRoute): Buffer {
  const { random } = values;
  const valid = Buffer.from(JSON.stringify(valueFor(values, route.takes)) ?? '');
  switch (random.integer(1, 14)) {
    case 1:
      return encodeFrame(OPCODE.text, Buffer.from(JSON.stringify(random.pick(ODD_VALUES)) ?? ''));
    case 2:
      return encodeFrame(OPCODE.text, valid.subarray(0, random.integer(0, valid.length)));
    case 3:
      return encodeFrame(OPCODE.binary, random.integer(1, 2) === 1 ? valid : random.bytes(20));
    case 4:
      return fragmented(random, valid);
    case 5:
      return oddFrame(random, valid);
    case 6:
      return encodeFrame(random.pick([OPCODE.ping, OPCODE.pong]), random.bytes(random.integer(0, 125)));
    default:
      return encodeFrame(OPCODE.text, valid);
  }
}

/** Whole, with a ping between, or never ended. */
function fragmented(random: Random, message: Buffer): Buffer {
  const at = random.integer(0, message.length);
  const between = random.integer(1, 3) === 1 ? encodeFrame(OPCODE.ping, Buffer.from('between')) : Buffer.alloc(0);
  const first = encodeFrame(OPCODE.text, message.subarray(0, at), { isFinal: false });
  return Buffer.concat([first, between, encodeFrame(OPCODE.continuation, message.subarray(at), { isFinal: random.integer(1, 5) > 1 })]);
}

function oddFrame(random: Random, message: Buffer): Buffer {
  const frames = [
    () => encodeFrame(OPCODE.text, message, { isMasked: false }),
    () => encodeFrame(OPCODE.text, message, { reserved: random.integer(1, 7) }),
    () => encodeFrame(random.pick([3, 7, 11, 15]), message),
    () => encodeFrame(OPCODE.continuation, message),
    () => encodeFrame(OPCODE.text, Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80])),
    () => encodeFrame(OPCODE.text, message, { length: random.pick([9 * 2 ** 20, 2 ** 40, 2 ** 52]) }),
    () => encodeFrame(OPCODE.text, message, { length: message.length + 10 }),
    () => encodeFrame(OPCODE.ping, Buffer.alloc(126)),
    () => encodeFrame(OPCODE.ping, Buffer.alloc(1), { isFinal: false }),
    () => Buffer.from(`[${'['.repeat(random.integer(1, 50_000))}`),
    () => encodeFrame(OPCODE.text, Buffer.from('['.repeat(random.integer(1, 50_000)))),
    () => Buffer.concat(Array.from({ length: 50 }, () => encodeFrame(OPCODE.text, message))),
    () => random.bytes(40),
  ] as const;
  return random.pick(frames)();
}
