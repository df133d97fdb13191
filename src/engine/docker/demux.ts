import type { OutputFrame, OutputStream } from '../../output/output-store.ts';

/**
 * The engine's stream format, after moby's pkg/stdcopy: 8 bytes of header (stream, three zeros, length as u32 big-endian), then the data.
 * 0 and 1 are standard output, 2 is standard error, 3 is the engine's own word that it failed.
 */
export const HEADER_BYTES = 8;
export const STREAMS: Readonly<Record<number, OutputStream>> = { 0: 'stdout', 1: 'stdout', 2: 'stderr' };
const SYSTEM_ERROR = 3;

export class OutputStreamError extends Error {}

/**
 * Splits what the engine sends into frames, a batch for each chunk that arrives. It pulls, so a slow consumer slows the sender, and it hands data on
 * before a frame is whole, so that its memory is bounded by one chunk. Throws OutputStreamError on what is no such stream, or one cut inside a frame.
 */
export async function* demultiplex(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly OutputFrame[]> {
  const parser = createParser();
  for await (const chunk of chunks) {
    const frames = parser.push(chunk);
    if (frames.length > 0) yield frames;
  }
  parser.end();
}

function createParser() {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let remaining = 0;
  let systemError = '';

  function takeHeader(chunk: Uint8Array, position: number): number {
    const part = chunk.subarray(position, position + HEADER_BYTES - headerBytes);
    header.set(part, headerBytes);
    headerBytes += part.length;
    if (headerBytes === HEADER_BYTES) {
      remaining = header.readUInt32BE(4);
      if (header.readUInt8(0) > SYSTEM_ERROR) throw new OutputStreamError(`the engine's output stream has a frame of unknown type ${header.readUInt8(0)}`);
    }
    return position + part.length;
  }

  function takeData(chunk: Uint8Array, position: number, frames: OutputFrame[]): number {
    const data = chunk.subarray(position, position + remaining);
    const stream = STREAMS[header.readUInt8(0)];
    if (stream) frames.push({ stream, data });
    else systemError += Buffer.from(data).toString();
    remaining -= data.length;
    return position + data.length;
  }

  return {
    push(chunk: Uint8Array): OutputFrame[] {
      const frames: OutputFrame[] = [];
      for (let position = 0; position < chunk.length; ) {
        position = headerBytes < HEADER_BYTES ? takeHeader(chunk, position) : takeData(chunk, position, frames);
        if (headerBytes === HEADER_BYTES && remaining === 0) headerBytes = 0;
      }
      return frames;
    },
    end(): void {
      if (systemError) throw new OutputStreamError(`the engine could not deliver the output: ${systemError}`);
      if (headerBytes > 0) throw new OutputStreamError('the output stream was cut inside a frame');
    },
  };
}
