import type { OutputFrame } from '../../output/output-store.ts';
import { JOB_TAKEN } from '../job.ts';

type Frames = readonly OutputFrame[];

export interface SplitOutput {
  /** Whether the launcher has said that it has the job: false when the output ended without. Rejects when the output breaks before that is known. */
  readonly isTaken: Promise<boolean>;
  /** What the program itself writes; iterate once. */
  readonly output: AsyncIterable<Frames>;
}

/** Takes the launcher's line off the beginning of a container's output. It reads from the start on, whether or not anybody iterates. */
export function splitJobLine(frames: AsyncIterable<Frames>): SplitOutput {
  const iterator = frames[Symbol.asyncIterator]();
  const head = readHead(iterator);
  const isTaken = head.then((read) => read.isTaken);
  isTaken.catch(() => undefined);
  return { isTaken, output: readOn(head, iterator) };
}

interface Head {
  readonly isTaken: boolean;
  /** What came with the line. */
  readonly rest: Frames;
}

async function* readOn(head: Promise<Head>, iterator: AsyncIterator<Frames>): AsyncGenerator<Frames> {
  try {
    const { rest } = await head;
    if (rest.length > 0) yield rest;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function readHead(iterator: AsyncIterator<Frames>): Promise<Head> {
  const seen: OutputFrame[] = [];
  let printed = Buffer.alloc(0);
  while (printed.length < JOB_TAKEN.length) {
    const next = await iterator.next();
    if (next.done) return { isTaken: printed.length > 0, rest: seen };
    seen.push(...next.value.map(({ stream, data }) => ({ stream, data: Buffer.from(data) })));
    printed = Buffer.concat(seen.filter(({ stream }) => stream === 'stdout').map(({ data }) => data));
  }
  // Whatever else it is, it is a program's.
  const isLine = printed.subarray(0, JOB_TAKEN.length).equals(JOB_TAKEN);
  return { isTaken: true, rest: isLine ? withoutLine(seen) : seen };
}

function withoutLine(frames: Frames): Frames {
  let left = JOB_TAKEN.length;
  return frames
    .map(({ stream, data }) => {
      const skipped = stream === 'stdout' ? Math.min(left, data.length) : 0;
      left -= skipped;
      return { stream, data: data.subarray(skipped) };
    })
    .filter(({ data }) => data.length > 0);
}
