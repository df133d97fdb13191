import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { createEventStreams, type ServerSentEvent } from '../../src/http/sse.ts';
import { until } from '../support/until.ts';

const LARGE = { event: 'output', id: '1', data: { text: 'x'.repeat(60_000) } };

/** Endless large batches, counted. */
function createSource() {
  let taken = 0;
  let isOver = false;
  async function* batches(): AsyncGenerator<readonly ServerSentEvent[]> {
    try {
      for (;;) {
        taken += 1;
        yield [LARGE];
      }
    } finally {
      isOver = true;
    }
  }
  return { batches, taken: () => taken, isOver: () => isOver };
}

async function open(batches: () => AsyncIterable<readonly ServerSentEvent[]>, stalledMs: number) {
  const app = Fastify({ forceCloseConnections: true });
  const streams = createEventStreams({ stalledMs });
  app.get('/', async (_request, reply) => streams.send(reply, batches()));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, port, [Symbol.asyncDispose]: () => app.close() };
}

test('a batch is a run of events, an empty one a comment, and the end of the source the end of the stream', async () => {
  const first: ServerSentEvent[] = [
    { event: 'status', id: '0.1', data: { status: 'queued' } },
    { event: 'output', id: '3.1', data: { data: 'a\nb' } },
  ];
  await using server = await open(async function* () {
    yield first;
    yield [];
  }, 1_000);
  const response = await fetch(server.url);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(await response.text()).toBe(
    'retry: 1000\n\nevent: status\nid: 0.1\ndata: {"status":"queued"}\n\nevent: output\nid: 3.1\ndata: {"data":"a\\nb"}\n\n: \n\n',
  );
});

test('a reader that takes nothing is sent only what the connection holds, and is cut off after its time', async () => {
  const source = createSource();
  await using server = await open(source.batches, 300);
  const socket = connect(server.port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(source.isOver, 'the reader to be cut off');
  // Some megabytes fit into the buffers of the kernel; an endless source would have given far more meanwhile.
  expect(source.taken() * LARGE.data.text.length).toBeLessThan(32 * 1024 * 1024);
  socket.destroy();
});

test('a reader that leaves ends its source', async () => {
  const source = createSource();
  await using server = await open(source.batches, 60_000);
  const leave = new AbortController();
  const response = await fetch(server.url, { signal: leave.signal });
  await response.body?.getReader().read();
  leave.abort();
  await until(source.isOver, 'the source to end');
});
