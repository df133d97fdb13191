import { open, readFile } from 'node:fs/promises';
import type { FrameSlice, OutputSlice, OutputTimes, PlacedFrame, ReadableStream, ReadRequest, StreamBytes } from './output-store.ts';
import {
  bytesIn,
  bytesThrough,
  decodeSegment,
  decodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type Segment,
  type SegmentContent,
  type StoredFrame,
} from './segment.ts';
import { missing, segmentNumbers, segmentPath } from './spool-files.ts';

const EMPTY: FrameSlice = { frames: [], offset: 0, nextOffset: 0, totalBytes: 0, droppedBytes: 0 };

/** The segments of a spool, as far as they are still there. */
export interface Listing {
  readonly numbers: readonly number[];
  readonly newest: SegmentContent;
  /** Answers undefined for one that is gone, and has then taken it off the list. */
  read(index: number): Promise<SegmentContent | undefined>;
  readBefore(index: number): Promise<StreamBytes | undefined>;
}

/** Of a spool that has no more than that. */
export function listOne(segment: SegmentContent): Listing {
  return { numbers: [1], newest: segment, read: async () => segment, readBefore: async () => segment.before };
}

export async function readSpool(listing: Listing | undefined, request: ReadRequest): Promise<OutputSlice> {
  const { frames, ...stretch } = await readSpoolFrames(listing, request);
  return { ...stretch, data: Buffer.concat(frames.map(({ data }) => data)) };
}

/**
 * Reads a stretch of one stream, or of both. Segments are found by their headers, so only those that hold the stretch are read whole. The writer may drop
 * a segment at any moment: what is gone when its turn comes counts as dropped, and the stretch begins later.
 */
export async function readSpoolFrames(listing: Listing | undefined, { stream, offset, limit }: ReadRequest): Promise<FrameSlice> {
  if (!listing) return EMPTY;
  const totalBytes = bytesIn(bytesThrough(listing.newest), stream);
  const from = offset < 0 ? Math.max(0, totalBytes + offset) : Math.min(offset, totalBytes);
  const collector = createCollector(from, limit);
  let index = from < totalBytes ? await findSegment(listing, { stream, offset: from }) : listing.numbers.length;
  while (index < listing.numbers.length && !collector.isDone()) {
    const segment = await listing.read(index);
    if (!segment) continue;
    collector.add(segment, stream);
    index += 1;
  }
  collector.end(totalBytes);
  return { ...collector.result(), totalBytes, droppedBytes: await countDropped(listing, stream) };
}

export async function readTimes(listing: Listing | undefined): Promise<OutputTimes | undefined> {
  const oldest = listing && (await listing.read(0));
  const [first, last] = [oldest?.frames.at(0), listing?.newest.frames.at(-1)];
  return first && { first: first.time, last: (last ?? first).time };
}

/** Undefined for a spool that has none. */
export async function listSpool(directory: string): Promise<Listing | undefined> {
  const numbers = await segmentNumbers(directory);
  const newest = await readNewest(directory, numbers);
  if (!newest) return undefined;
  const newestNumber = numbers.at(-1);
  async function orForget<T>(index: number, read: (path: string) => Promise<T | undefined>): Promise<T | undefined> {
    const found = await read(segmentPath(directory, numbers[index] as number));
    if (found === undefined) numbers.splice(index, 1);
    return found;
  }
  return {
    numbers,
    newest,
    read: async (index) => (numbers[index] === newestNumber ? newest : orForget(index, readSegment)),
    readBefore: async (index) => (numbers[index] === newestNumber ? newest.before : orForget(index, readHeader)),
  };
}

/** A newest segment that has no header yet is taken off the list: the writer is about to write it, or died before it could. */
async function readNewest(directory: string, numbers: number[]): Promise<Segment | undefined> {
  for (let number = numbers.at(-1); number !== undefined; number = numbers.at(-1)) {
    const segment = await readSegment(segmentPath(directory, number));
    if (segment) return segment;
    numbers.pop();
  }
  return undefined;
}

/** Gathers the wanted bytes, and stops at the limit or at a gap. */
function createCollector(from: number, limit: number) {
  const frames: PlacedFrame[] = [];
  let begin = from;
  let next = from;
  let isDone = limit === 0;
  function take(at: number, frame: StoredFrame): void {
    if (isDone || at + frame.data.length <= next) return;
    if (at > next && frames.length > 0) {
      isDone = true;
      return;
    }
    if (at > next) begin = next = at;
    const data = frame.data.subarray(next - at, next - at + limit - (next - begin));
    frames.push({ ...frame, data, offset: next });
    next += data.length;
    isDone = next - begin >= limit;
  }
  return {
    isDone: () => isDone,
    add(segment: SegmentContent, stream: ReadableStream): void {
      let at = bytesIn(segment.before, stream);
      for (const frame of segment.frames) {
        if (stream !== 'all' && frame.stream !== stream) continue;
        take(at, frame);
        at += frame.data.length;
      }
    },
    /** Nothing more is kept: what was found nowhere up to the end was dropped, and a reader that waited for it would never come to the end. */
    end(totalBytes: number): void {
      if (!isDone && frames.length === 0) begin = next = totalBytes;
    },
    result: () => ({ frames, offset: begin, nextOffset: next }),
  };
}

/** The numbers run without a gap except where segments were dropped. */
async function countDropped(listing: Listing, stream: ReadableStream): Promise<number> {
  for (;;) {
    const gap = listing.numbers.findIndex((number, index) => index > 0 && number !== (listing.numbers[index - 1] as number) + 1);
    if (gap < 0) return 0;
    const head = await listing.read(gap - 1);
    const after = head && (await listing.readBefore(gap));
    if (after) return bytesIn(after, stream) - bytesIn(bytesThrough(head), stream);
  }
}

/** The index of the last segment that begins at or before an offset. */
async function findSegment(listing: Listing, { stream, offset }: { stream: ReadableStream; offset: number }): Promise<number> {
  let low = 0;
  let high = listing.numbers.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const before = await listing.readBefore(middle);
    if (!before) high -= 1;
    else if (bytesIn(before, stream) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function readSegment(path: string): Promise<Segment | undefined> {
  const bytes = await readFile(path).catch(missing);
  return bytes && decodeSegment(bytes);
}

async function readHeader(path: string): Promise<StreamBytes | undefined> {
  const file = await open(path).catch(missing);
  if (!file) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SEGMENT_HEADER_BYTES), 0, SEGMENT_HEADER_BYTES, 0);
    return decodeSegmentHeader(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
