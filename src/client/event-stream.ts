/** One event of a stream, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface StreamEvent {
  /** The last id that the stream has given, also by an earlier event. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Splits a body into events as its bytes arrive. What is not ended by an empty line when the body ends is no event. */
export async function* parseEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  let id = '';
  let block: Field[] = [];
  for await (const line of lines(body)) {
    if (line !== '') {
      block.push(fieldIn(line));
      continue;
    }
    id = block.findLast(({ name, value }) => name === 'id' && !value.includes('\0'))?.value ?? id;
    const data = block.filter(({ name }) => name === 'data').map(({ value }) => value);
    const event = block.findLast(({ name }) => name === 'event')?.value;
    if (data.length > 0) yield { id, event: event || 'message', data: data.join('\n') };
    block = [];
  }
}

interface Field {
  readonly name: string;
  readonly value: string;
}

/** A line without a name is a comment, which keeps the connection alive. */
function fieldIn(line: string): Field {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line, value: '' };
  return { name: line.slice(0, colon), value: line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1) };
}

/** Lines ended by CR LF, LF or CR. A CR at the end of a piece may be half of a CR LF. */
async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1);
}
