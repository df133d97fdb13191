import type { WireDroppedEvent, WireOutputEvent, WireStatusEvent } from '../../src/http/schemas/events.ts';

export type ReceivedEvent = { readonly id: string } & (
  | { readonly event: 'status'; readonly data: WireStatusEvent }
  | { readonly event: 'output'; readonly data: WireOutputEvent }
  | { readonly event: 'dropped'; readonly data: WireDroppedEvent }
);

export interface Connection {
  readonly url: string;
  readonly token: string;
  /** Of the last event that was received. */
  readonly lastEventId?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Reads server-sent events until the stream ends; rejects when it breaks. Answers 204 with nothing. */
export async function* readEvents({ url, token, lastEventId, signal }: Connection): AsyncGenerator<ReceivedEvent> {
  const headers = { Authorization: `Bearer ${token}`, ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }) };
  const response = await fetch(url, { headers, signal: signal ?? null });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  let text = '';
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('latin1');
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const received = parse(Buffer.from(block, 'latin1').toString());
      if (received) yield received;
    }
  }
}

/** Undefined for a comment, or a block that is no event. */
function parse(block: string): ReceivedEvent | undefined {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(': ') + 2)]));
  const [event, id, data] = ['event', 'id', 'data'].map((name) => fields.get(name));
  return event ? ({ event, id, data: JSON.parse(data ?? 'null') } as ReceivedEvent) : undefined;
}

export function bytesOf({ data, encoding }: WireOutputEvent): Buffer {
  return Buffer.from(data, encoding ?? 'utf8');
}
