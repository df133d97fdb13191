export const OUTPUT_STREAMS = ['stdout', 'stderr'] as const;

export type OutputStream = (typeof OUTPUT_STREAMS)[number];

/** What can be read: one stream, or both in the order in which their pieces arrived. */
export const READABLE_STREAMS = [...OUTPUT_STREAMS, 'all'] as const;

export type ReadableStream = (typeof READABLE_STREAMS)[number];

/** A piece of what a process wrote, as it came from the engine. */
export interface OutputFrame {
  readonly stream: OutputStream;
  readonly data: Uint8Array;
}

/** Bytes of each stream. */
export type StreamBytes = Readonly<Record<OutputStream, number>>;

export interface OutputLimits {
  /** Bytes kept of one process, both streams together: the first half and, past that, the newest half. */
  readonly keptBytes: number;
}

/** The one writer of a process's output. */
export interface OutputWriter {
  /** Bytes the process has written so far, dropped ones included. */
  readonly written: StreamBytes;
  /** Bytes on disk. */
  readonly storedBytes: number;
  /** Resolves when readers see the frames. One call at a time; a rejected call may have kept a prefix of the frames, which `written` then counts. */
  append(frames: readonly OutputFrame[]): Promise<void>;
  close(): Promise<void>;
}

/** When the first and the newest piece that is kept arrived, in milliseconds since 1970. */
export interface OutputTimes {
  readonly first: number;
  readonly last: number;
}

/** A stretch of one stream, or of both. Offsets count the bytes that the process wrote there, from 0, dropped ones included. */
interface Stretch {
  /** Where the stretch begins: later than asked for when the bytes between were dropped. */
  readonly offset: number;
  /** Where the next read goes on. */
  readonly nextOffset: number;
  /** Bytes of the stream that were written so far. */
  readonly totalBytes: number;
  /** Bytes of the stream that were dropped so far. */
  readonly droppedBytes: number;
}

export interface OutputSlice extends Stretch {
  readonly data: Uint8Array;
}

/** A piece of output in its place among the pieces of what was asked for. */
export interface PlacedFrame extends OutputFrame {
  readonly offset: number;
  /** When its first byte arrived, in milliseconds since 1970. */
  readonly time: number;
}

export interface FrameSlice extends Stretch {
  /** Each begins where the one before ends. Neighbours of one stream that arrived at different times are different frames. */
  readonly frames: readonly PlacedFrame[];
}

export interface ReadRequest {
  readonly stream: ReadableStream;
  /** The first byte wanted; negative counts from the end. */
  readonly offset: number;
  /** Bytes at most. */
  readonly limit: number;
}

/**
 * Where output lives. Contract (test/contract/output-store.ts):
 * - bytes come back exactly as appended, each stream in its order and both together in theirs, the same at every reading; `open` on an id that has output goes on after its last whole frame;
 * - reading is possible at any time, also while it is written, and needs no open writer; an id without output reads as empty;
 * - over the limit the head and a moving tail stay and the number of dropped bytes is told, never a silent gap;
 * - the result and the artifacts of a process are kept and removed beside its output, and read back exactly;
 * - `remove` is idempotent.
 */
export interface OutputStore {
  open(id: string, limits: OutputLimits): Promise<OutputWriter>;
  read(id: string, request: ReadRequest): Promise<OutputSlice>;
  /** The same stretch, in the pieces in which it arrived. */
  readFrames(id: string, request: ReadRequest): Promise<FrameSlice>;
  /** Resolves when it can be read; another one replaces it. */
  keepResult(id: string, data: Uint8Array): Promise<void>;
  /** Undefined for an id that has none. */
  result(id: string): Promise<Uint8Array | undefined>;
  /** Keeps a file beside the output, under a number; resolves when it can be read, and another one replaces it. */
  keepArtifact(id: string, index: number, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Undefined for a number that has none. */
  artifact(id: string, index: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Undefined for an id without output. */
  times(id: string): Promise<OutputTimes | undefined>;
  remove(id: string): Promise<void>;
  /** Every id that has, or had, an open writer and was not removed. */
  list(): Promise<readonly string[]>;
  /** Bytes that the disk has left for output. */
  freeBytes(): Promise<number>;
}
