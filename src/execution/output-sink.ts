import type { OutputFrame, OutputStore, OutputWriter, StreamBytes } from '../output/output-store.ts';
import type { ProcessRecord } from '../process/record.ts';

/** The store has not kept what it was given, or not all of it. */
export class OutputRefused extends Error {}

/** Where a process's output goes, on a disk that may be full. What it has is always a beginning of the output: nothing is left out and gone on after. */
export interface Sink {
  /** Bytes of each stream so far, dropped ones included. Rejects with OutputRefused. */
  written(): Promise<StreamBytes>;
  /** Rejects with OutputRefused, and may have kept a beginning of the frames then, which `written` counts. */
  append(frames: readonly OutputFrame[]): Promise<void>;
  storedBytes(): number;
  close(): Promise<void>;
}

export function createSink(outputs: OutputStore, { id, outputLimit }: ProcessRecord): Sink {
  let opened: OutputWriter | undefined;
  async function open(): Promise<OutputWriter> {
    opened ??= await outputs.open(id, { keptBytes: outputLimit }).catch(refuse);
    return opened;
  }
  return {
    written: async () => (await open()).written,
    append: async (frames) => (await open()).append(frames).catch(refuse),
    storedBytes: () => opened?.storedBytes ?? 0,
    close: async () => opened?.close().catch(() => undefined),
  };
}

function refuse(error: unknown): never {
  throw new OutputRefused('output could not be kept', { cause: error });
}
