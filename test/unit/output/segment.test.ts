import { describe, expect, it } from 'vitest';
import type { OutputFrame } from '../../../src/output/output-store.ts';
import {
  bytesThrough,
  decodeSegment,
  decodeSegmentHeader,
  encodeFrameHeader,
  encodeSegmentHeader,
  FRAME_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from '../../../src/output/segment.ts';

const FRAMES: readonly OutputFrame[] = [
  { stream: 'stdout', data: Buffer.from('one') },
  { stream: 'stderr', data: Buffer.alloc(0) },
  { stream: 'stderr', data: Buffer.from([0, 255, 1, 2]) },
];
const BEFORE = { stdout: 2 ** 40 + 1, stderr: 7 };

const encoded = (frames: readonly OutputFrame[]) =>
  Buffer.concat([
    encodeSegmentHeader(BEFORE),
    ...frames.flatMap((frame, index) => [encodeFrameHeader({ ...frame, length: frame.data.length }, 1_700_000_000_000 + index), frame.data]),
  ]);

describe('a segment', () => {
  it('is read back as it was written', () => {
    const bytes = encoded(FRAMES);
    const frames = FRAMES.map(({ stream, data }, index) => ({ stream, data: Buffer.from(data), time: 1_700_000_000_000 + index }));
    expect(decodeSegment(bytes)).toEqual({ before: BEFORE, frames, wholeBytes: bytes.length });
  });

  it('counts what came before it and what is in it', () => {
    const segment = decodeSegment(encoded(FRAMES));
    expect(segment && bytesThrough(segment)).toEqual({ stdout: 2 ** 40 + 4, stderr: 11 });
  });

  it('holds the whole frames before a cut, wherever the cut is', () => {
    const bytes = encoded(FRAMES);
    const ends = FRAMES.map((_, index) => encoded(FRAMES.slice(0, index + 1)).length);
    for (let length = SEGMENT_HEADER_BYTES; length <= bytes.length; length += 1) {
      const whole = ends.filter((end) => end <= length);
      const segment = decodeSegment(bytes.subarray(0, length));
      expect([segment?.frames.length, segment?.wholeBytes]).toEqual([whole.length, whole.at(-1) ?? SEGMENT_HEADER_BYTES]);
    }
  });

  it('is none without a whole header', () => {
    for (let length = 0; length < SEGMENT_HEADER_BYTES; length += 1) expect(decodeSegment(encoded(FRAMES).subarray(0, length))).toBeUndefined();
  });

  it.each([
    ['another file', (bytes: Buffer) => bytes.write('GSEC')],
    ['a later version', (bytes: Buffer) => bytes.writeUInt32LE(2, 4)],
  ])('is none when it is %s', (_what, change) => {
    const bytes = encoded(FRAMES);
    change(bytes);
    expect(decodeSegment(bytes)).toBeUndefined();
    expect(decodeSegmentHeader(bytes)).toBeUndefined();
  });

  it('ends before a frame that claims more than there is', () => {
    const frame: OutputFrame = { stream: 'stdout', data: Buffer.alloc(10) };
    const header = encodeFrameHeader({ ...frame, length: frame.data.length }, 0);
    header.writeUInt32LE(0xffff_ffff, 4);
    expect(decodeSegment(Buffer.concat([encoded([frame]), header, frame.data]))?.wholeBytes).toBe(SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES + 10);
  });
});
