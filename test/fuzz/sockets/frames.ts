export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly isFinal: boolean;
  /** The three bits that only extensions use. */
  readonly reserved: number;
}

/** What makes a frame another than it should be. */
export interface Oddness {
  readonly isFinal?: boolean;
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** In place of the payload's own. */
  readonly length?: number;
}

const MASK = Buffer.from([0x11, 0x22, 0x33, 0x44]);

/** A client's frame (RFC 6455, 5.2). */
export function encodeFrame(opcode: number, payload: Buffer, odd: Oddness = {}): Buffer {
  const { isFinal = true, reserved = 0, isMasked = true, length = payload.length } = odd;
  const masked = isMasked ? 0x80 : 0;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const body = isMasked ? [MASK, payload.map((byte, at) => byte ^ (MASK[at % 4] ?? 0))] : [payload];
  return Buffer.concat([Buffer.from([first]), lengthOf(length, masked), ...body]);
}

function lengthOf(length: number, masked: number): Buffer {
  if (length < 126) return Buffer.from([masked | length]);
  const long = Buffer.alloc(length < 65_536 ? 3 : 9);
  long[0] = masked | (length < 65_536 ? 126 : 127);
  if (length < 65_536) long.writeUInt16BE(length, 1);
  else long.writeBigUInt64BE(BigInt(length), 1);
  return long;
}

export function closePayload(code: number, reason: string | Buffer = ''): Buffer {
  const bytes = Buffer.from([code >> 8, code & 0xff]);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

/** Takes a server's frames, which have no mask, off the front of what has arrived; answers them, and what is left. */
export function takeFrames(arrived: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let rest = arrived;
  for (;;) {
    const taken = takeFrame(rest);
    if (!taken) return { frames, rest };
    frames.push(taken.frame);
    rest = rest.subarray(taken.size);
  }
}

function takeFrame(bytes: Buffer): { frame: Frame; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  if (second >= 0x80) throw new Error('sent a masked frame');
  const start = { 126: 4, 127: 10 }[second] ?? 2;
  if (bytes.length < start) return undefined;
  const size = start + payloadLength(bytes, second);
  if (bytes.length < size) return undefined;
  return { frame: { opcode: first & 15, isFinal: first >= 0x80, reserved: (first >> 4) & 7, payload: bytes.subarray(start, size) }, size };
}

function payloadLength(bytes: Buffer, second: number): number {
  if (second === 126) return bytes.readUInt16BE(2);
  return second === 127 ? Number(bytes.readBigUInt64BE(2)) : second;
}
