import type { OutputFrame, OutputStream } from '../../output/output-store.ts';
import { HEADER_BYTES, OutputStreamError, STREAMS } from './demux.ts';

/** What the engine logs at once: a line, or a part of a long one. */
export interface LogEntry extends OutputFrame {
  /** Seconds since 1970, with nine decimals. */
  readonly time: string;
}

/**
 * Splits a log that was asked for with its times into entries. The engine sends each in a frame of its own (see demux.ts), its time and a space before the
 * data; it holds at most 16 KiB, so that to wait for whole frames costs no memory to speak of. Throws OutputStreamError on what is no such log, or one cut inside
 * an entry.
 */
export async function* logEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly LogEntry[]> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    const entries: LogEntry[] = [];
    for (let end = frameEnd(rest); end <= rest.length; end = frameEnd(rest)) {
      entries.push(toEntry(rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
    if (entries.length > 0) yield entries;
  }
  if (rest.length > 0) throw new OutputStreamError('the log was cut inside an entry');
}

function frameEnd(bytes: Buffer): number {
  return bytes.length < HEADER_BYTES ? Number.POSITIVE_INFINITY : HEADER_BYTES + bytes.readUInt32BE(4);
}

/** As in "2026-07-01T09:30:00.123456789+02:00 ": always nine decimals, in the engine's time zone. */
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})(Z|[+-]\d\d:\d\d) /;
const LONGEST_STAMP = 36;

function toEntry(frame: Buffer): LogEntry {
  const stream = STREAMS[frame.readUInt8(0)];
  const data = frame.subarray(HEADER_BYTES);
  const stamp = STAMP.exec(data.toString('latin1', 0, LONGEST_STAMP));
  if (!stream || !stamp) throw new OutputStreamError(`the engine could not deliver the log: ${data.toString('latin1', 0, 200)}`);
  const [{ length }, second, decimals, zone] = [stamp[0], stamp[1], stamp[2], stamp[3]];
  return { stream, data: data.subarray(length), time: `${Date.parse(`${second}${zone}`) / 1000}.${decimals}` };
}

/** Tells, of a second reading, what the first has not had; a reading has each stream in the order of its times. */
export interface SeenEntries {
  note(entries: readonly LogEntry[]): void;
  /** From where a second reading has to begin; undefined for the beginning. */
  since(): string | undefined;
  /** Call it with each entry of a second reading, once. */
  isNew(entry: LogEntry): boolean;
}

export function createSeenEntries(): SeenEntries {
  /** The newest time of a stream, and how many of its entries have it. */
  const newest = new Map<OutputStream, { time: string; count: number }>();
  return {
    note(entries) {
      for (const { stream, time } of entries) {
        const last = newest.get(stream);
        if (last?.time === time) last.count += 1;
        else newest.set(stream, { time, count: 1 });
      }
    },
    since() {
      const times = [...newest.values()].map(({ time }) => time).sort();
      return newest.size === 2 ? times[0] : undefined;
    },
    isNew({ stream, time }) {
      const last = newest.get(stream);
      if (!last || time > last.time) return true;
      if (time === last.time) last.count -= 1;
      return time === last.time && last.count < 0;
    },
  };
}
