import { describe, expect, it } from 'vitest';
import { createClient, InvalidRequestError } from '../../../src/client/index.ts';
import { fakeFetch, json, type Reply } from '../../support/fake-fetch.ts';

const broken = new TypeError('fetch failed', { cause: new Error('other side closed') });
const status = (id: string, name: string) => `event: status\nid: ${id}\ndata: {"status":"${name}"}\n\n`;
const output = (id: string, fields: object) => `event: output\nid: ${id}\ndata: ${JSON.stringify({ time: 't', ...fields })}\n\n`;

/** A connection over which this text comes, and which then ends or breaks. */
function stream(text: string, end: 'ends' | 'breaks' = 'ends'): Reply {
  return () => {
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (end === 'ends') controller.close();
        if (end === 'breaks') controller.error(new TypeError('terminated'));
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  };
}

function clientWith(...replies: readonly Reply[]) {
  const { fetch, seen } = fakeFetch(...replies);
  return { client: createClient({ url: 'http://coracle.test', patienceMs: 5_000, fetch }), seen };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('following a process', () => {
  it('goes on where it was, over connections that end, break, are refused or come to nothing', async () => {
    const { client, seen } = clientWith(
      stream(
        status('1.0', 'running') +
          output('1.2', { stream: 'stdout', data: 'a\n', offset: 0 }) +
          output('1.4', { stream: 'stdout', data: 'b', offset: 2 }).slice(0, -1),
      ),
      stream(output('1.4', { stream: 'stderr', data: 'b\n', offset: 2 }), 'breaks'),
      broken,
      json({ code: 'SERVICE_UNAVAILABLE', message: 'later' }, 503),
      stream(''),
      stream(output('1.5', { stream: 'stdout', data: '/w==', encoding: 'base64', offset: 4 }) + status('2.5', 'completed') + status('3.5', 'after')),
    );
    const events = await all(client.events('p', { offset: 0 }));
    expect(events.map(({ id, type }) => `${type} ${id}`)).toEqual(['status 1.0', 'output 1.2', 'output 1.4', 'output 1.5', 'status 2.5']);
    expect(events.filter(({ type }) => type === 'output').map((event) => 'data' in event && [...event.data])).toEqual([[97, 10], [98, 10], [255]]);
    expect(seen.map(({ headers }) => headers.get('Last-Event-ID'))).toEqual([null, '1.2', '1.4', '1.4', '1.4', '1.4']);
    expect(seen.every(({ path }) => path === '/execute/processes/p/events?offset=0')).toBe(true);
  });

  it('ends when the server says that there is nothing more', async () => {
    expect(await all(clientWith(new Response(null, { status: 204 })).client.events('p', { lastEventId: '2.5' }))).toEqual([]);
  });

  it('gives up when no new connection would help, or none comes for longer than the patience', async () => {
    const refused = clientWith(json({ code: 'INVALID_REQUEST', message: 'no such id' }, 400));
    await expect(all(refused.client.events('p'))).rejects.toBeInstanceOf(InvalidRequestError);
    expect(refused.seen).toHaveLength(1);
    const { fetch } = fakeFetch(broken);
    const client = createClient({ url: 'http://coracle.test', patienceMs: 50, fetch });
    await expect(all(client.events('p'))).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  it('ends with its signal, also in the middle of a connection that says nothing', async () => {
    const stop = new AbortController();
    const { client } = clientWith(({ signal }) => {
      const body = new ReadableStream({ start: (controller) => signal?.addEventListener('abort', () => controller.error(signal.reason)) });
      return new Response(body);
    });
    const following = all(client.events('p', { signal: stop.signal }));
    setTimeout(() => stop.abort(), 20);
    await expect(following).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('lets go of the connection when its reader leaves', async () => {
    let isLetGo = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(status('1.0', 'running'))),
      cancel: () => {
        isLetGo = true;
      },
    });
    const { client } = clientWith(() => new Response(body));
    for await (const { type } of client.events('p')) {
      expect(type).toBe('status');
      break;
    }
    expect(isLetGo).toBe(true);
  });

  it('gives the output of one stream, or of both', async () => {
    const text =
      output('1', { stream: 'stdout', data: 'out', offset: 0 }) +
      `event: dropped\nid: 2\ndata: {"offset":3,"next_offset":9}\n\nevent: later\nid: 3\ndata: {}\n\n` +
      output('4', { stream: 'stderr', data: 'err', offset: 9 }) +
      status('5', 'failed');
    const both = await all(clientWith(stream(text)).client.output('p'));
    expect(both).toEqual([
      { stream: 'stdout', data: new TextEncoder().encode('out'), offset: 0, time: 't' },
      { stream: 'stderr', data: new TextEncoder().encode('err'), offset: 9, time: 't' },
    ]);
    expect(await all(clientWith(stream(text)).client.output('p', { stream: 'stderr' }))).toEqual(both.slice(1));
  });
});

it('following a sandbox goes on over ends, until its reader leaves', async () => {
  const { client, seen } = clientWith(stream(status('7', 'queued')), stream(status('8', 'completed')), stream(status('9', 'queued')));
  const ids = [];
  for await (const { id, process } of client.watch()) if (ids.push([id, process.status]) === 3) break;
  expect(ids).toEqual([
    ['7', 'queued'],
    ['8', 'completed'],
    ['9', 'queued'],
  ]);
  expect(seen[2]?.headers.get('Last-Event-ID')).toBe('8');
});
