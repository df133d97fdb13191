import type { OutputFrame, OutputStore, OutputWriter, StreamBytes } from '../output/output-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { Log } from './log.ts';

/** Where a process's output goes, on a disk that may be full. */
export interface Sink {
  /** Bytes that the process has written so far, kept or not. */
  readonly seen: StreamBytes;
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
  const open = () => outputs.open(id, { keptBytes: outputLimit });
  let writer = await open().catch(() => undefined);
  const seen = { stdout: 0, stderr: 0, ...writer?.written };
  return {
    seen,
    async append(frames) {
      try {
        writer ??= await withoutOutput(await open());
        await writer.append(frames);
      } catch (error) {
        lose(error);
      }
      for (const { stream, data } of frames) seen[stream] += data.length;
      return frames.reduce((bytes, { data }) => bytes + data.length, 0);
    },
    hasLost: () => lost,
    storedBytes: () => writer?.storedBytes ?? 0,
    close: async () => writer?.close().catch(lose),
  };
}

/** Opened late, it cannot be told where in the output of an earlier server it would have to go on. */
async function withoutOutput(writer: OutputWriter): Promise<OutputWriter> {
  if (writer.written.stdout + writer.written.stderr === 0) return writer;
  await writer.close();
  throw new Error('the output that an earlier server kept could not be opened in time');
}
