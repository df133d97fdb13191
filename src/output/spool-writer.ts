import { type FileHandle, open, readFile, unlink } from 'node:fs/promises';
import { createKeptSegments, type KeptSegment } from './kept-segments.ts';
import type { OutputFrame, OutputLimits, OutputStream, OutputWriter, StreamBytes } from './output-store.ts';
import { bytesThrough, decodeSegment, encodeFrameHeader, encodeSegmentHeader, FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './segment.ts';
import type { SmallOutput } from './small-outputs.ts';
import { segmentNumbers, segmentPath } from './spool-files.ts';

/** Where a writer goes on. */
export interface SpoolPlace {
  /** It exists. */
  readonly directory: string;
  /** It was made just now, so there is nothing to look for. */
  readonly isNew: boolean;
  /** Told of what has come on disk. */
  readonly alsoTo?: SmallOutput | undefined;
}

/** Opens a spool for appending; goes on after the last whole frame that a crash has left. */
export async function openSpoolWriter({ directory, isNew, alsoTo }: SpoolPlace, limits: OutputLimits): Promise<OutputWriter> {
  const kept = createKeptSegments(limits.keptBytes);
  const written = { stdout: 0, stderr: 0 };
  for (const { segment, through } of isNew ? [] : await readSegments(directory)) {
    kept.add(segment);
    Object.assign(written, through);
  }
  let file = await reopen(directory, kept.last());

  async function beginSegment(frame: readonly Uint8Array[], dataBytes: number): Promise<void> {
    const number = (kept.last()?.number ?? 0) + 1;
    const created = await createSegment(segmentPath(directory, number), [encodeSegmentHeader(written), ...frame]);
    await file?.close();
    file = created;
    kept.add({ number, dataBytes, fileBytes: SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES + dataBytes });
  }

  async function growSegment(segment: KeptSegment, frame: readonly Uint8Array[], dataBytes: number): Promise<void> {
    await writeOrCut(file as FileHandle, frame, segment.fileBytes);
    kept.grow(segment, { dataBytes, fileBytes: FRAME_HEADER_BYTES + dataBytes });
  }

  /** Writes as much of a run as its segment takes, and takes that off the run. */
  async function appendPart({ stream, pieces }: Run): Promise<void> {
    const last = kept.last();
    const segment = last && file && !kept.isFull(last) ? last : undefined;
    const { parts, length } = takeParts(pieces, kept.segmentBytes - (segment?.dataBytes ?? 0));
    const time = Date.now();
    const frame = [encodeFrameHeader({ stream, length }, time), ...parts];
    await (segment ? growSegment(segment, frame, length) : beginSegment(frame, length));
    written[stream] += length;
    alsoTo?.({ stream, time, length, parts });
    for (let overdue = kept.takeOverdue(); overdue; overdue = kept.takeOverdue()) await unlink(segmentPath(directory, overdue.number));
  }

  return {
    written,
    get storedBytes() {
      return kept.fileBytes;
    },
    async append(frames) {
      for (const run of merged(frames)) while (run.pieces.length > 0) await appendPart(run);
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}

/** What is on disk, oldest first. A file without a whole header is the last thing a crash left, and holds nothing. */
async function readSegments(directory: string): Promise<{ segment: KeptSegment; through: StreamBytes }[]> {
  const found = [];
  for (const number of await segmentNumbers(directory)) {
    const segment = decodeSegment(await readFile(segmentPath(directory, number)));
    if (!segment) {
      await unlink(segmentPath(directory, number));
      continue;
    }
    const dataBytes = segment.frames.reduce((bytes, { data }) => bytes + data.length, 0);
    found.push({ segment: { number, dataBytes, fileBytes: segment.wholeBytes }, through: bytesThrough(segment) });
  }
  return found;
}

/** The file is closed again when its beginning cannot be written: a full disk would otherwise cost a descriptor for each write it refuses. */
async function createSegment(path: string, beginning: readonly Uint8Array[]): Promise<FileHandle> {
  const file = await open(path, 'w');
  try {
    await writeOrCut(file, beginning, 0);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Cuts off a frame that is not whole. */
async function reopen(directory: string, last: KeptSegment | undefined): Promise<FileHandle | undefined> {
  if (!last) return undefined;
  const file = await open(segmentPath(directory, last.number), 'r+');
  await file.truncate(last.fileBytes);
  return file;
}

/** Pieces of one stream that follow each other; none is empty. */
interface Run {
  readonly stream: OutputStream;
  readonly pieces: Uint8Array[];
}

/** Joins neighbours of one stream, so that a burst of tiny writes costs one frame. */
function merged(frames: readonly OutputFrame[]): Run[] {
  const runs: Run[] = [];
  for (const { stream, data } of frames) {
    if (data.length === 0) continue;
    const run = runs.at(-1);
    if (run?.stream === stream) run.pieces.push(data);
    else runs.push({ stream, pieces: [data] });
  }
  return runs;
}

/** More pieces than this are not written at once: the kernel's IOV_MAX is 1,024. */
const MOST_PIECES = 1_000;

/** Takes pieces off the beginning, up to `most` bytes; the last one may be cut. */
function takeParts(pieces: Uint8Array[], most: number): { parts: Uint8Array[]; length: number } {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (pieces[0] && length < most && parts.length < MOST_PIECES) {
    const part = pieces[0].subarray(0, most - length);
    if (part.length < pieces[0].length) pieces[0] = pieces[0].subarray(part.length);
    else pieces.shift();
    parts.push(part);
    length += part.length;
  }
  return { parts, length };
}

/** A write that fails leaves nothing: a shorter one over the rest of it would make that rest read as frames, which a tenant could forge. */
async function writeOrCut(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  try {
    await writeAll(file, parts, position);
  } catch (error) {
    await file.truncate(position);
    throw error;
  }
}

/** A short write goes on where it stopped; the position makes a repeated one overwrite instead of append. */
async function writeAll(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  const size = parts.reduce((bytes, part) => bytes + part.length, 0);
  const { bytesWritten } = await file.writev([...parts], position);
  if (bytesWritten === size) return;
  const rest = Buffer.concat(parts).subarray(bytesWritten);
  for (let done = 0; done < rest.length; ) done += (await file.write(rest, done, rest.length - done, position + bytesWritten + done)).bytesWritten;
}
