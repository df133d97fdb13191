import type { OutputFrame, OutputStore, StreamBytes } from '../output/output-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { Log } from './log.ts';

/** Where a process's output goes, on a disk that may be full. */
export interface Sink {
  readonly written: StreamBytes;
  /** Answers how many bytes the frames had. Never rejects. */
  append(frames: readonly OutputFrame[]): Promise<number>;
  /** Whether something could not be kept. */
  hasLost(): boolean;
  storedBytes(): number;
  close(): Promise<void>;
}

/** A store that refuses a write costs the process that output, and its record says so; the process itself goes on, and is kept again when there is room. */
export async function openSink(outputs: OutputStore, { id, outputLimit }: ProcessRecord, log: Log): Promise<Sink> {
  let lost = false;
  function lose(error: unknown): void {
    if (!lost) log.error({ err: error, process: id }, 'output could not be kept; the record will say that it is not whole');
    lost = true;
  }
  const writer = await outputs.open(id, { keptBytes: outputLimit }).catch(lose);
  return {
    written: writer?.written ?? { stdout: 0, stderr: 0 },
    async append(frames) {
      await writer?.append(frames).catch(lose);
      return frames.reduce((bytes, { data }) => bytes + data.length, 0);
    },
    hasLost: () => lost,
    storedBytes: () => writer?.storedBytes ?? 0,
    close: async () => writer?.close().catch(lose),
  };
}
