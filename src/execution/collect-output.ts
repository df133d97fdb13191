import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEngine, RunningContainer } from '../engine/container-engine.ts';
import { OUTPUT_STREAMS, type OutputFrame, type OutputStore, type OutputWriter } from '../output/output-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { Log } from './log.ts';
import type { UntilDone } from './retry.ts';

export interface CollectOptions {
  readonly engine: ContainerEngine;
  readonly outputs: OutputStore;
  readonly keptOutputBytes: number;
  readonly log: Log;
  readonly untilDone: UntilDone;
  readonly record: ProcessRecord;
  readonly container: RunningContainer;
}

/** How long the last output may trail the exit before it is given up as not whole. */
const DRAIN_MS = 30_000;
/** The output and the exit of one container end together, give or take this. */
const TOGETHER_MS = 2_000;
/** How often a stream that breaks is taken up again. */
const ATTEMPTS = 5;

/**
 * Brings a container's output to the output store until the container has ended and everything is there, or is known not to come. A stream that breaks
 * while the container lives on is taken up again after the last byte that is kept. It never stops reading: an attach connection that nobody reads
 * makes the engine's kill of that container hang. Never rejects.
 */
export async function collectOutput(options: CollectOptions): Promise<{ readonly isComplete: boolean }> {
  const isLate = options.container.exit.then(() => sleep(DRAIN_MS, false, { ref: false }));
  const isComplete = await Promise.race([collect(options), isLate]);
  return { isComplete };
}

async function collect(options: CollectOptions): Promise<boolean> {
  const { outputs, keptOutputBytes, log, record, container } = options;
  const sink = await openSink(outputs, { id: record.id, keptBytes: keptOutputBytes, log });
  let source: RunningContainer | undefined = container;
  let hasLost = false;
  for (let attempt = 1; source; attempt += 1) {
    const isWhole = await drain(source, sink);
    if (isWhole && (await hasEnded(container))) break;
    source = attempt < ATTEMPTS ? await takeUpAgain(options) : undefined;
    hasLost = source === undefined;
  }
  await sink.close();
  return !hasLost && !sink.hasLost();
}

interface Sink {
  readonly written: OutputWriter['written'];
  append(frames: readonly OutputFrame[]): Promise<void>;
  hasLost(): boolean;
  close(): Promise<void>;
}

/** A store that refuses a write costs the process that output, and says so in its record; the process itself goes on. */
async function openSink(outputs: OutputStore, { id, keptBytes, log }: { id: string; keptBytes: number; log: Log }): Promise<Sink> {
  let lost = false;
  const lose = (error: unknown) => {
    if (!lost) log.error({ err: error, process: id }, 'output could not be kept; the record will say that it is not whole');
    lost = true;
  };
  const writer = await outputs.open(id, { keptBytes }).catch(lose);
  return {
    written: writer?.written ?? { stdout: 0, stderr: 0 },
    append: async (frames) => writer?.append(frames).catch(lose),
    hasLost: () => lost,
    close: async () => writer?.close().catch(lose),
  };
}

/** Reads a stream, which begins at the container's first byte, past what is kept already. Says whether it came to its end. */
async function drain(source: RunningContainer, sink: Sink): Promise<boolean> {
  const fresh = skipSeen({ ...sink.written });
  try {
    for await (const frames of source.output) await sink.append(fresh(frames));
    return true;
  } catch {
    return false;
  }
}

/** Leaves out the first bytes of each stream, as many as `seen` says. */
export function skipSeen(seen: { stdout: number; stderr: number }): (frames: readonly OutputFrame[]) => readonly OutputFrame[] {
  return (frames) => {
    if (OUTPUT_STREAMS.every((stream) => seen[stream] === 0)) return frames;
    return frames.map(({ stream, data }) => {
      const skipped = Math.min(seen[stream], data.length);
      seen[stream] -= skipped;
      return { stream, data: data.subarray(skipped) };
    });
  };
}

function hasEnded(container: RunningContainer): Promise<boolean> {
  return Promise.race([container.exit.then(() => true), sleep(TOGETHER_MS, false, { ref: false })]);
}

function takeUpAgain({ engine, record: { id }, log, untilDone }: CollectOptions): Promise<RunningContainer | undefined> {
  return untilDone(
    () => engine.adopt(id),
    (error) => log.warn({ err: error, process: id }, 'the output of a process was cut; trying to take it up again'),
  );
}
