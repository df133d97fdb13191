import type { OutputFrame, OutputStore, OutputStream, PlacedFrame, ReadableStream, ReadRequest } from '../../src/output/output-store.ts';

export interface Piece {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** All output of a process in memory, as plainly as it can be said: what a store is held against. */
export function outputModel() {
  const parts: Record<ReadableStream | 'streams', Buffer[]> = { stdout: [], stderr: [], all: [], streams: [] };
  function whole(stream: ReadableStream | 'streams'): Buffer {
    const bytes = Buffer.concat(parts[stream]);
    parts[stream] = [bytes];
    return bytes;
  }
  return {
    append(frames: readonly OutputFrame[]): void {
      for (const { stream, data } of frames) {
        for (const kind of [stream, 'all'] as const) parts[kind].push(Buffer.from(data));
        parts.streams.push(Buffer.alloc(data.length, markOf(stream)));
      }
    },
    written: () => ({ stdout: whole('stdout').length, stderr: whole('stderr').length }),
    total: (stream: ReadableStream) => whole(stream).length,
    /** What a store that drops nothing answers. */
    read({ stream, offset, limit }: ReadRequest) {
      const bytes = whole(stream);
      const from = offset < 0 ? Math.max(0, bytes.length + offset) : Math.min(offset, bytes.length);
      const data = bytes.subarray(from, from + limit);
      return { data, numbers: { offset: from, nextOffset: from + data.length, totalBytes: bytes.length } };
    },
    /** Whether these bytes lie at this place. */
    has: (stream: ReadableStream, { offset, data }: Piece) =>
      whole(stream)
        .subarray(offset, offset + data.length)
        .equals(data),
    /** Whether a piece of both streams together says rightly which of them it is of. */
    hasOf: ({ stream, offset, data }: PlacedFrame) =>
      whole('streams')
        .subarray(offset, offset + data.length)
        .every((mark) => mark === markOf(stream)),
  };
}

const markOf = (stream: OutputStream) => (stream === 'stdout' ? 1 : 2);

interface Target {
  readonly id: string;
  readonly stream: ReadableStream;
}

/** Reads a stream from its beginning as a client does, from one `nextOffset` to the next; what lies together is one piece. */
export async function readAll(store: OutputStore, { id, stream }: Target) {
  const pieces: { offset: number; data: Buffer }[] = [];
  let droppedBytes = 0;
  let totalBytes = 0;
  for (let offset = 0, isEnd = false; !isEnd; ) {
    const slice = await store.read(id, { stream, offset, limit: 30_000 });
    if (slice.nextOffset === offset && offset < slice.totalBytes) throw new Error(`reading ${stream} does not get past byte ${offset}`);
    ({ droppedBytes, totalBytes, nextOffset: offset } = slice);
    isEnd = offset >= totalBytes;
    const last = pieces.at(-1);
    if (last && last.offset + last.data.length === slice.offset) last.data = Buffer.concat([last.data, slice.data]);
    else if (slice.data.length > 0) pieces.push({ offset: slice.offset, data: Buffer.from(slice.data) });
  }
  return { pieces, totalBytes, droppedBytes };
}

/** Follows a stream while somebody writes it, until the writer is done and the reader has come to the end. */
export async function readThrough(store: OutputStore, { id, stream, until }: Target & { until: Promise<unknown> }) {
  const pieces: Piece[] = [];
  const totals: number[] = [];
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  void until.then(done, done);
  for (let offset = 0, isEnd = false; !isEnd; ) {
    const wasDone = isDone;
    const slice = await store.read(id, { stream, offset, limit: 5_000 });
    pieces.push(slice);
    totals.push(slice.totalBytes);
    offset = slice.nextOffset;
    isEnd = wasDone && offset >= slice.totalBytes;
  }
  return { stream, pieces, totals };
}
