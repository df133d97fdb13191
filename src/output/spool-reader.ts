import { open, readFile } from 'node:fs/promises';
import type { OutputSlice, OutputStream, ReadRequest } from './output-store.ts';
import { bytesThrough, decodeSegment, decodeSegmentHeader, SEGMENT_HEADER_BYTES, type Segment } from './segment.ts';
import { missing, segmentNumbers, segmentPath } from './spool-files.ts';

const EMPTY: OutputSlice = { data: Buffer.alloc(0), offset: 0, nextOffset: 0, totalBytes: 0, droppedBytes: 0 };
/** How often a read starts again because the writer dropped a segment that it was about to read. */
const ATTEMPTS = 5;

class SegmentGone extends Error {}

/** Reads a stretch of one stream. Segments are found by their headers, so only those that hold the stretch are read whole. */
export async function readSpool(directory: string, request: ReadRequest): Promise<OutputSlice> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(directory, request);
    } catch (error) {
      if (!(error instanceof SegmentGone) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function readOnce(directory: string, { stream, offset, limit }: ReadRequest): Promise<OutputSlice> {
  const numbers = await segmentNumbers(directory);
  const last = await readNewest(directory, numbers);
  const newest = numbers.at(-1);
  if (!last) return EMPTY;
  const totalBytes = bytesThrough(last)[stream];
  const from = offset < 0 ? Math.max(0, totalBytes + offset) : Math.min(offset, totalBytes);
  const droppedBytes = await countDropped(directory, numbers, stream);
  const collector = createCollector(from, limit);
  let index = from < totalBytes ? await findSegment({ directory, numbers, stream }, from) : numbers.length;
  for (; index < numbers.length && !collector.isDone(); index += 1) {
    const number = numbers[index] as number;
    collector.add(number === newest ? last : await readSegment(directory, number), stream);
  }
  return { ...collector.result(), totalBytes, droppedBytes };
}

/** Gathers the wanted bytes, and stops at the limit or at a gap. */
function createCollector(from: number, limit: number) {
  const parts: Buffer[] = [];
  let begin = from;
  let next = from;
  let isDone = limit === 0;
  function take(at: number, data: Buffer): void {
    if (isDone || at + data.length <= next) return;
    if (at > next && parts.length > 0) {
      isDone = true;
      return;
    }
    if (at > next) begin = next = at;
    const part = data.subarray(next - at, next - at + limit - (next - begin));
    parts.push(part);
    next += part.length;
    isDone = next - begin >= limit;
  }
  return {
    isDone: () => isDone,
    add(segment: Segment, stream: OutputStream): void {
      let at = segment.before[stream];
      for (const frame of segment.frames) {
        if (frame.stream !== stream) continue;
        take(at, frame.data);
        at += frame.data.length;
      }
    },
    result: () => ({ data: Buffer.concat(parts), offset: begin, nextOffset: next }),
  };
}

/** The numbers run without a gap except where segments were dropped. */
async function countDropped(directory: string, numbers: readonly number[], stream: OutputStream): Promise<number> {
  const gap = numbers.findIndex((number, index) => index > 0 && number !== (numbers[index - 1] as number) + 1);
  if (gap < 0) return 0;
  const head = await readSegment(directory, numbers[gap - 1] as number);
  return (await readBefore(directory, numbers[gap] as number))[stream] - bytesThrough(head)[stream];
}

interface Place {
  readonly directory: string;
  readonly numbers: readonly number[];
  readonly stream: OutputStream;
}

/** The index of the last segment that begins at or before `offset`. */
async function findSegment({ directory, numbers, stream }: Place, offset: number): Promise<number> {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((await readBefore(directory, numbers[middle] as number))[stream] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A newest segment that has no header yet is taken off the list: the writer is about to write it, or died before it could. */
async function readNewest(directory: string, numbers: number[]): Promise<Segment | undefined> {
  for (let number = numbers.at(-1); number !== undefined; number = numbers.at(-1)) {
    const segment = await decodeFile(directory, number);
    if (segment) return segment;
    numbers.pop();
  }
  return undefined;
}

async function readSegment(directory: string, number: number): Promise<Segment> {
  const segment = await decodeFile(directory, number);
  if (!segment) throw new SegmentGone();
  return segment;
}

async function decodeFile(directory: string, number: number): Promise<Segment | undefined> {
  const bytes = await readFile(segmentPath(directory, number)).catch(missing);
  return bytes && decodeSegment(bytes);
}

async function readBefore(directory: string, number: number) {
  const file = await open(segmentPath(directory, number)).catch(missing);
  if (!file) throw new SegmentGone();
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SEGMENT_HEADER_BYTES), 0, SEGMENT_HEADER_BYTES, 0);
    const before = decodeSegmentHeader(buffer.subarray(0, bytesRead));
    if (!before) throw new SegmentGone();
    return before;
  } finally {
    await file.close();
  }
}
