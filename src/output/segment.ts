import type { OutputStream, ReadableStream, StreamBytes } from './output-store.ts';

/**
 * One file of a spool: a header that says which bytes came before it, then frames. Numbers are little-endian.
 *   header  "CSEG" · u32 version · f64 stdout bytes before · f64 stderr bytes before
 *   frame   u8 stream (1 stdout, 2 stderr) · 3 bytes 0 · u32 length · f64 time in ms since 1970 · data
 * A frame that is not whole is the mark of a crash or of a write under way; readers stop before it.
 */
export const SEGMENT_HEADER_BYTES = 24;
export const FRAME_HEADER_BYTES = 16;

const MAGIC = Buffer.from('CSEG');
const VERSION = 1;
const STREAM_CODES = { stdout: 1, stderr: 2 } as const;

export interface StoredFrame {
  readonly stream: OutputStream;
  readonly time: number;
  readonly data: Buffer;
}

export interface SegmentContent {
  /** Bytes of each stream in the segments before. */
  readonly before: StreamBytes;
  readonly frames: readonly StoredFrame[];
}

export interface Segment extends SegmentContent {
  /** Length of the header and all whole frames. */
  readonly wholeBytes: number;
}

export function encodeSegmentHeader(before: StreamBytes): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 4);
  header.writeDoubleLE(before.stdout, 8);
  header.writeDoubleLE(before.stderr, 16);
  return header;
}

/** Answers undefined for a file that is not a whole segment header of this version. */
export function decodeSegmentHeader(bytes: Buffer): StreamBytes | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || !bytes.subarray(0, 4).equals(MAGIC) || bytes.readUInt32LE(4) !== VERSION) return undefined;
  return { stdout: bytes.readDoubleLE(8), stderr: bytes.readDoubleLE(16) };
}

/** Of a frame with `length` bytes of data. */
export function encodeFrameHeader({ stream, length }: { stream: OutputStream; length: number }, time: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt8(STREAM_CODES[stream], 0);
  header.writeUInt32LE(length, 4);
  header.writeDoubleLE(time, 8);
  return header;
}

export function decodeSegment(bytes: Buffer): Segment | undefined {
  const before = decodeSegmentHeader(bytes);
  if (!before) return undefined;
  const frames: StoredFrame[] = [];
  let position = SEGMENT_HEADER_BYTES;
  while (position + FRAME_HEADER_BYTES <= bytes.length) {
    const start = position + FRAME_HEADER_BYTES;
    const end = start + bytes.readUInt32LE(position + 4);
    if (end > bytes.length) break;
    const stream = bytes.readUInt8(position) === STREAM_CODES.stdout ? 'stdout' : 'stderr';
    frames.push({ stream, time: bytes.readDoubleLE(position + 8), data: bytes.subarray(start, end) });
    position = end;
  }
  return { before, frames, wholeBytes: position };
}

export function bytesIn(bytes: StreamBytes, stream: ReadableStream): number {
  return stream === 'all' ? bytes.stdout + bytes.stderr : bytes[stream];
}

/** Bytes of each stream up to the end of a segment. */
export function bytesThrough({ before, frames }: SegmentContent): StreamBytes {
  const total = { ...before };
  for (const { stream, data } of frames) total[stream] += data.length;
  return total;
}
