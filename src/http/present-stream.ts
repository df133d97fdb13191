import type { ProcessEvent } from '../execution/process-events.ts';
import { OUTPUT_STREAMS, type OutputStream } from '../output/output-store.ts';

export interface OutputMessage {
  readonly type: OutputStream;
  readonly data: string;
  readonly timestamp: string;
}

/** Tells new output as messages; `end` tells what is left of a character that was never finished. */
export interface OutputMessages {
  (events: readonly ProcessEvent[]): readonly OutputMessage[];
  end(): readonly OutputMessage[];
}

/** Of one batch: past that, the order of the streams is given up for fewer messages, because each of them costs a gap. */
const MOST_PIECES = 16;

/** A character that is cut by two pieces comes with the second. What is no UTF-8 becomes U+FFFD. */
export function createOutputMessages(): OutputMessages {
  const decoders = { stdout: new TextDecoder('utf-8', { ignoreBOM: true }), stderr: new TextDecoder('utf-8', { ignoreBOM: true }) };
  const message = (type: OutputStream, data: string) => ({ type, data, timestamp: new Date().toISOString() });

  function pieces(events: readonly ProcessEvent[]): Piece[] {
    const joined: Piece[] = [];
    for (const told of events) {
      if (told.kind !== 'output') continue;
      const { stream, data } = told.frame;
      const last = joined.at(-1);
      if (last?.stream === stream) last.parts.push(data);
      else joined.push({ stream, parts: [data] });
    }
    return joined.length > MOST_PIECES ? byStream(joined) : joined;
  }

  function tell(events: readonly ProcessEvent[]): readonly OutputMessage[] {
    return pieces(events)
      .map(({ stream, parts }) => message(stream, decoders[stream].decode(Buffer.concat(parts), { stream: true })))
      .filter(({ data }) => data !== '');
  }

  return Object.assign(tell, {
    end: () => OUTPUT_STREAMS.map((stream) => message(stream, decoders[stream].decode())).filter(({ data }) => data !== ''),
  });
}

interface Piece {
  readonly stream: OutputStream;
  readonly parts: Uint8Array[];
}

function byStream(pieces: readonly Piece[]): Piece[] {
  return OUTPUT_STREAMS.map((stream) => ({ stream, parts: pieces.filter((piece) => piece.stream === stream).flatMap(({ parts }) => parts) }));
}
