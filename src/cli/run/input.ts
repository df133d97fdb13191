import { setTimeout as sleep } from 'node:timers/promises';

/** The beginning of an input, and what comes after it; undefined when the input has ended. */
export interface Ahead {
  readonly data: Uint8Array;
  readonly rest: AsyncIterable<Uint8Array> | undefined;
}

export interface AheadOptions {
  /** How long to wait for the end, in milliseconds. */
  readonly ms: number;
  /** Bytes to read at most, but for the last piece. */
  readonly most: number;
}

/** Reads an input for a moment: most are short, and then go with the request. */
export async function readAhead(input: AsyncIterable<Uint8Array>, { ms, most }: AheadOptions): Promise<Ahead> {
  const pieces = input[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  const timer = new AbortController();
  const isLate = sleep(ms, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  try {
    for (let bytes = 0; bytes < most; ) {
      const next = pieces.next();
      const piece = await Promise.race([next, isLate]);
      if (piece === 'late') return { data: Buffer.concat(read), rest: onwards(pieces, next) };
      if (piece.done) return { data: Buffer.concat(read), rest: undefined };
      read.push(piece.value);
      bytes += piece.value.length;
    }
    return { data: Buffer.concat(read), rest: onwards(pieces, pieces.next()) };
  } finally {
    timer.abort();
  }
}

async function* onwards(pieces: AsyncIterator<Uint8Array>, next: Promise<IteratorResult<Uint8Array>>): AsyncGenerator<Uint8Array> {
  for (let piece = await next; !piece.done; piece = await pieces.next()) yield piece.value;
}
