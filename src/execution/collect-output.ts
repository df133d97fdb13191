import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEngine, RunningContainer } from '../engine/container-engine.ts';
import { OUTPUT_STREAMS, type OutputFrame, type OutputStore } from '../output/output-store.ts';
import type { ProcessRecord } from '../process/record.ts';
import type { Log } from './log.ts';
import { createSink, OutputRefused, type Sink } from './output-sink.ts';
import { createPace } from './pace.ts';
import type { UntilDone } from './retry.ts';
import { createResultTaker } from './take-results.ts';

export interface CollectOptions {
  readonly engine: ContainerEngine;
  readonly outputs: OutputStore;
  /** Bytes a second that are read of a process that is over its output limit. */
  readonly floodBytesPerSecond: number;
  readonly log: Log;
  readonly untilDone: UntilDone;
  readonly record: ProcessRecord;
  readonly container: RunningContainer;
  /** Aborted when the process has to end: then everything is read as fast as it comes. */
  readonly hurry: AbortSignal;
  /** Called whenever output comes of a process that is over a limit that ends it. */
  readonly onOutputLimit: () => void;
}

export interface CollectedOutput {
  /** False when something that the process wrote is neither kept nor counted. */
  readonly isComplete: boolean;
  readonly storedBytes: number;
  /** Of a process that has told one whole. */
  readonly result: Uint8Array | undefined;
}

/** How long the last output may trail the exit before it is given up as not whole. */
const DRAIN_MS = 30_000;
/** The output and the exit of one container end together, give or take this. */
const TOGETHER_MS = 2_000;
/** How often a stream that breaks is taken up again. */
const ATTEMPTS = 5;
/** Before a store that has refused output is tried again, and the least that the disk must have free then. */
const REFUSED_MS = 1_000;
const ROOM_BYTES = 64 * 1024;

/**
 * Brings a container's output to the output store until the container has ended and everything is there, or is known not to come. A stream that breaks
 * while the container lives on is taken up again after the last byte that is kept. So is one whose output the store refuses, once there is room: the
 * engine's log has it meanwhile, and to go on after a gap would leave output that nobody could tell from whole, nor a later server go on with.
 * Over the output limit it reads slowly, which slows the process, but never stops: an attach connection that nobody reads makes the engine's kill of
 * that container hang. Rejects only when the server lets go.
 */
export async function collectOutput(options: CollectOptions): Promise<CollectedOutput> {
  const sink = createSink(options.outputs, options.record);
  // For the bytes that it has, where nothing more comes.
  await sink.written().catch(() => undefined);
  const isLate = options.container.exit.then(() => sleep(DRAIN_MS, false, { ref: false }));
  const found: Found = { result: undefined };
  const isComplete = await Promise.race([collect(options, sink, found), isLate]);
  return { isComplete, storedBytes: sink.storedBytes(), result: found.result };
}

/** What is taken out of the output. */
interface Found {
  result: Uint8Array | undefined;
}

async function collect(options: CollectOptions, sink: Sink, found: Found): Promise<boolean> {
  let source: RunningContainer | undefined = options.container;
  let isWhole = true;
  for (let attempt = 1; source; ) {
    isWhole &&= source.isOutputFromStart;
    const drained = await drain(options, sink, { source, output: withoutResult(source, options.record, found) });
    if (drained === 'at end' && (await hasEnded(options.container))) break;
    if (drained === 'refused') await waitForRoom(options);
    else attempt += 1;
    source = attempt <= ATTEMPTS ? await takeUpAgain(options) : undefined;
    isWhole &&= source !== undefined;
  }
  await sink.close();
  return isWhole;
}

async function* withoutResult({ output }: RunningContainer, { executionId }: ProcessRecord, found: Found): AsyncGenerator<readonly OutputFrame[]> {
  const taker = createResultTaker(executionId);
  for await (const frames of output) yield taker.take(frames);
  const rest = taker.end();
  // What wrote nothing must not depend on a disk that may be full.
  if (rest.length > 0) yield rest;
  found.result = taker.result() ?? found.result;
}

interface Reading {
  readonly source: RunningContainer;
  readonly output: AsyncIterable<readonly OutputFrame[]>;
}

/** Reads a stream past what is kept already, and says how far it came. */
async function drain(options: CollectOptions, sink: Sink, { source, output }: Reading): Promise<'at end' | 'cut' | 'refused'> {
  const { record, floodBytesPerSecond, hurry, onOutputLimit, log } = options;
  const pace = createPace(floodBytesPerSecond, hurry);
  let fresh: ReturnType<typeof skipSeen> | undefined;
  try {
    for await (const frames of output) {
      const written = await sink.written();
      fresh ??= source.isOutputFromStart ? skipSeen({ ...written }) : (all) => all;
      const pieces = fresh(frames);
      await sink.append(pieces);
      if (written.stdout + written.stderr <= record.outputLimit) continue;
      if (record.onOutputLimit === 'kill') onOutputLimit();
      await pace.take(pieces.reduce((bytes, { data }) => bytes + data.length, 0));
    }
    return 'at end';
  } catch (error) {
    if (!(error instanceof OutputRefused)) return 'cut';
    log.error({ err: error.cause, process: record.id }, "output could not be kept; it is taken from the engine's log when there is room");
    return 'refused';
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

async function takeUpAgain({ engine, container, outputs, record: { id }, log, untilDone }: CollectOptions): Promise<RunningContainer | undefined> {
  const adopted = await untilDone(
    async () => engine.adopt(container.id, await outputs.times(id)),
    (error) => log.warn({ err: error, process: id }, 'the output of a process was cut; trying to take it up again'),
  );
  return typeof adopted === 'string' ? undefined : adopted;
}

async function waitForRoom({ outputs, untilDone }: CollectOptions): Promise<void> {
  await sleep(REFUSED_MS, undefined, { ref: false });
  async function look(): Promise<void> {
    if ((await outputs.freeBytes()) < ROOM_BYTES) throw new Error('the disk is full');
  }
  await untilDone(look, () => undefined);
}
