import type { RunningContainer } from '../engine/container-engine.ts';

/** Standard output of a helper: a line at a time, and then what follows. */
export interface HelperOutput {
  /** The next line without its end; undefined when the output ends before one is whole. Rejects when the output breaks. */
  line(): Promise<string | undefined>;
  /** What follows, as it comes; iterate once, and read no line any more. Leaving the loop closes the output. */
  rest(): AsyncGenerator<Uint8Array>;
  /** Lets go of what was not read. */
  close(): Promise<void>;
}

const MAX_LINE_BYTES = 4_096;
const LINE_END = 0x0a;

export function readHelper({ output }: Pick<RunningContainer, 'output'>): HelperOutput {
  const pieces = standardOutput(output);
  let held: Uint8Array = Buffer.alloc(0);

  async function* rest(): AsyncGenerator<Uint8Array> {
    if (held.length > 0) yield held;
    yield* pieces;
  }

  return {
    async line() {
      for (let end = held.indexOf(LINE_END); ; end = held.indexOf(LINE_END)) {
        if (end >= 0) {
          const line = Buffer.from(held.subarray(0, end)).toString();
          held = held.subarray(end + 1);
          return line;
        }
        const next = held.length > MAX_LINE_BYTES ? undefined : await pieces.next();
        if (!next || next.done) return undefined;
        held = Buffer.concat([held, next.value]);
      }
    },
    rest,
    close: async () => void (await pieces.return(undefined)),
  };
}

async function* standardOutput(output: RunningContainer['output']): AsyncGenerator<Uint8Array> {
  for await (const frames of output) for (const { stream, data } of frames) if (stream === 'stdout') yield Buffer.from(data);
}
