/** Frame headers may add a quarter to the kept bytes; a process of many tiny writes then keeps less of its output. */
const HEADER_ALLOWANCE = 1.25;
/** A segment holds a 64th of the limit at most, so that dropping the oldest one moves the tail in small steps. */
const SEGMENTS_PER_LIMIT = 64;
const SMALLEST_SEGMENT = 4096;
/** Who reads holds whole segments in memory, so they do not grow with a limit of gigabytes. */
const LARGEST_SEGMENT = 2 * 1024 * 1024;

export interface KeptSegment {
  readonly number: number;
  dataBytes: number;
  fileBytes: number;
}

/** Which segments of a spool are there, and which is the next to go: the head and a moving tail stay, each about half of the limit. */
export interface KeptSegments {
  /** Data that goes into one segment. */
  readonly segmentBytes: number;
  /** Of all files together. */
  readonly fileBytes: number;
  last(): KeptSegment | undefined;
  isFull(segment: KeptSegment): boolean;
  add(segment: KeptSegment): void;
  grow(segment: KeptSegment, by: { dataBytes: number; fileBytes: number }): void;
  /** Takes out the segment to drop now, if there is one. */
  takeOverdue(): KeptSegment | undefined;
}

export function createKeptSegments(keptBytes: number): KeptSegments {
  const segmentBytes = Math.min(LARGEST_SEGMENT, Math.max(SMALLEST_SEGMENT, Math.ceil(keptBytes / SEGMENTS_PER_LIMIT)));
  const segments: KeptSegment[] = [];
  let dataBytes = 0;
  let fileBytes = 0;
  let headSegments: number | undefined;

  const isOver = (part: number) => dataBytes > keptBytes * part || fileBytes > keptBytes * part * HEADER_ALLOWANCE;

  function count(data: number, file: number): void {
    dataBytes += data;
    fileBytes += file;
    if (headSegments === undefined && isOver(1 / 2)) headSegments = segments.length;
  }

  return {
    segmentBytes,
    get fileBytes() {
      return fileBytes;
    },
    last: () => segments.at(-1),
    isFull: (segment) => segment.dataBytes >= segmentBytes || segment.fileBytes >= segmentBytes * HEADER_ALLOWANCE,
    add(segment) {
      const last = segments.at(-1);
      // A gap that a lower limit has left ends the head, so that there is never a second one.
      if (last && segment.number > last.number + 1) headSegments ??= segments.length;
      segments.push(segment);
      count(segment.dataBytes, segment.fileBytes);
    },
    grow(segment, by) {
      segment.dataBytes += by.dataBytes;
      segment.fileBytes += by.fileBytes;
      count(by.dataBytes, by.fileBytes);
    },
    takeOverdue() {
      if (!isOver(1) || headSegments === undefined || segments.length <= headSegments + 1) return undefined;
      const [oldest] = segments.splice(headSegments, 1);
      if (oldest) count(-oldest.dataBytes, -oldest.fileBytes);
      return oldest;
    },
  };
}
