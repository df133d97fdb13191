import type { OutputStream } from './output-store.ts';
import type { SegmentContent, StoredFrame } from './segment.ts';

/** What one of them may take in memory, and what a frame takes besides its data. */
const MOST_BYTES = 8 * 1024;
const FRAME_COST = 256;
/** The newest so many. */
const MOST_OUTPUTS = 256;

export interface StoredPiece {
  readonly stream: OutputStream;
  /** In milliseconds since 1970. */
  readonly time: number;
  /** Bytes of all parts. */
  readonly length: number;
  /** Holds only until the call returns. */
  readonly parts: readonly Uint8Array[];
}

/** Takes each piece that has come on disk, in their order. */
export type SmallOutput = (piece: StoredPiece) => void;

/**
 * The whole output of processes that have begun lately and print little, as most do, in memory beside the disk: who follows one then waits for no reading,
 * which costs five turns in the thread pool for each line.
 */
export interface SmallOutputs {
  /** For an id that has no output yet. */
  begin(id: string): SmallOutput;
  /** All that is on disk of an id now, or undefined when only the disk knows. */
  find(id: string): SegmentContent | undefined;
  forget(id: string): void;
}

export function createSmallOutputs(): SmallOutputs {
  // A Map keeps the order of insertion: the first is the oldest.
  const held = new Map<string, StoredFrame[]>();
  return {
    begin(id) {
      const frames: StoredFrame[] = [];
      let cost = 0;
      held.set(id, frames);
      for (const oldest of held.keys()) {
        if (held.size <= MOST_OUTPUTS) break;
        held.delete(oldest);
      }
      return ({ stream, time, length, parts }) => {
        cost += length + FRAME_COST;
        if (cost <= MOST_BYTES) frames.push({ stream, time, data: Buffer.concat(parts, length) });
        else held.delete(id);
      };
    },
    find(id) {
      const frames = held.get(id);
      return frames && { before: { stdout: 0, stderr: 0 }, frames: [...frames] };
    },
    forget: (id) => void held.delete(id),
  };
}
