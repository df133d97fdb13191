import type { OutputFrame } from '../output/output-store.ts';

/** The longest result that is kept, in bytes; what a program sends past that is its output. */
export const MOST_RESULT_BYTES = 8 * 1024 * 1024;
const RS = 0x1e;
const LENGTH_DIGITS = 4;

/** Takes a process's result out of its standard error. */
export interface ResultTaker {
  /** The frames without what belongs to the result. The last bytes of standard error may be held until more has come. */
  take(frames: readonly OutputFrame[]): readonly OutputFrame[];
  /** What was held, once no more comes. */
  end(): readonly OutputFrame[];
  /** The result, once it has come whole. */
  result(): Uint8Array | undefined;
}

/**
 * A result comes in frames among the bytes of standard error (images/python/rich.py): RS, a mark that only this process's frames carry, a length in hex,
 * and so many bytes; a length of 0 ends it. Everything else passes unchanged. The same bytes always come out of the same bytes, however they are cut.
 */
export function createResultTaker(mark: string): ResultTaker {
  const marker = Buffer.from(`\x1e${mark}`);
  const headerBytes = marker.length + LENGTH_DIGITS;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let remaining = 0;
  let isWhole = false;
  let held: Uint8Array = Buffer.alloc(0);

  function takePart(data: Buffer, position: number): number {
    const part = data.subarray(position, position + remaining);
    parts.push(Buffer.from(part));
    bytes += part.length;
    remaining -= part.length;
    return position + part.length;
  }

  /** The length that a frame's header says; undefined for none, or when no more is taken. */
  function readHeader(data: Buffer, at: number): number | undefined {
    const digits = data.toString('latin1', at + marker.length, at + headerBytes);
    return /^[0-9a-f]{4}$/.test(digits) && !isWhole && bytes < MOST_RESULT_BYTES ? Number.parseInt(digits, 16) : undefined;
  }

  function split(data: Buffer): Uint8Array[] {
    const output: Uint8Array[] = [];
    for (let position = takePart(data, 0); position < data.length; ) {
      const at = beginOf(data, marker, position);
      output.push(data.subarray(position, at));
      if (data.length - at < headerBytes) {
        held = Buffer.from(data.subarray(at));
        break;
      }
      const length = readHeader(data, at);
      if (length === undefined) output.push(data.subarray(at, at + headerBytes));
      isWhole ||= length === 0;
      remaining = length ?? 0;
      position = takePart(data, at + headerBytes);
    }
    return output.filter((piece) => piece.length > 0);
  }

  return {
    take(frames) {
      return frames.flatMap((frame) => {
        if (frame.stream !== 'stderr') return [frame];
        const data = held.length > 0 ? Buffer.concat([held, frame.data]) : Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.length);
        held = Buffer.alloc(0);
        return split(data).map((piece) => ({ stream: 'stderr' as const, data: piece }));
      });
    },
    end() {
      const rest = held;
      held = Buffer.alloc(0);
      return rest.length > 0 ? [{ stream: 'stderr', data: rest }] : [];
    },
    result: () => (isWhole ? Buffer.concat(parts) : undefined),
  };
}

/** Where a marker begins at or after `position`, or a beginning of one that the end cuts off; the end where there is neither. */
function beginOf(data: Buffer, marker: Buffer, position: number): number {
  const whole = data.indexOf(marker, position);
  if (whole >= 0) return whole;
  for (let at = data.indexOf(RS, Math.max(position, data.length - marker.length + 1)); at >= 0; at = data.indexOf(RS, at + 1)) {
    if (data.subarray(at).equals(marker.subarray(0, data.length - at))) return at;
  }
  return data.length;
}
