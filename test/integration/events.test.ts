import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputEvent, statusEvent } from '../../src/http/schemas/events.ts';
import { type Api, apiOf } from '../support/api.ts';
import { bytesOf, type ReceivedEvent, readEvents } from '../support/events.ts';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer();
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const eventsOf = (path: string, lastEventId?: string, signal?: AbortSignal) =>
  readEvents({ url: server.url + path, token: api.token, lastEventId, ...(signal ? { signal } : {}) });

async function take(source: AsyncGenerator<ReceivedEvent>, isEnough: (all: ReceivedEvent[]) => boolean = () => false): Promise<ReceivedEvent[]> {
  const all: ReceivedEvent[] = [];
  for await (const event of source) {
    all.push(event);
    if (isEnough(all)) break;
  }
  return all;
}

function text(events: readonly ReceivedEvent[], stream?: 'stdout' | 'stderr'): string {
  const data = events.flatMap((event) => (event.event === 'output' && (stream ?? event.data.stream) === event.data.stream ? [bytesOf(event.data)] : []));
  return Buffer.concat(data).toString();
}
const statuses = (events: readonly ReceivedEvent[]) => events.flatMap((event) => (event.event === 'status' ? [event.data.status] : []));
const CODE = 'import sys, time\nfor i in range(20):\n print(i, flush=True)\n print("€", file=sys.stderr, flush=True)\n time.sleep(0.05)\nsys.exit(3)';
const NUMBERS = Array.from({ length: 20 }, (_, index) => `${index}\n`).join('');

/** The order of the streams is as the engine had it: the same at every reading. */
async function expectOutput(id: string, events: readonly ReceivedEvent[]): Promise<void> {
  expect([text(events, 'stdout'), text(events, 'stderr')]).toEqual([NUMBERS, '€\n'.repeat(20)]);
  const { body } = await api.call<{ data: string }>('GET', `/execute/processes/${id}/output?stream=all`);
  expect(text(events)).toBe(body.data);
}

describe('events of a process', () => {
  it('come live, in their order, and end with its end', async () => {
    const id = await api.submit({ code: CODE });
    const events = await take(eventsOf(`/execute/processes/${id}/events`));
    expect(statuses(events)).toEqual(['queued', 'running', 'failed']);
    await expectOutput(id, events);
    const last = events.at(-1);
    expect(last).toMatchObject({ event: 'status', data: { process_id: id, exit_code: 3, failure: { kind: 'exit' } } });
    expect(Object.keys(last?.data ?? {})).not.toContain('stdout');
    for (const { event, data } of events) expect((event === 'status' ? statusEvent : outputEvent).strict().parse(data)).toEqual(data);
  });

  it('go on where they were cut, whenever that was', async () => {
    const id = await api.submit({ code: CODE });
    const all: ReceivedEvent[] = [];
    while (statuses(all).at(-1) !== 'failed')
      all.push(...(await take(eventsOf(`/execute/processes/${id}/events`, all.at(-1)?.id), ({ length }) => length === 3)));
    expect(statuses(all)).toEqual(['queued', 'running', 'failed']);
    await expectOutput(id, all);
    const over = await fetch(`${server.url}/execute/processes/${id}/events`, {
      headers: { Authorization: `Bearer ${api.token}`, 'Last-Event-ID': all.at(-1)?.id ?? '' },
    });
    expect(over.status).toBe(204);
  });

  it('begin at an offset, and say what is no UTF-8', async () => {
    const { process_id: id } = await api.run({ code: 'import sys; sys.stdout.buffer.write(b"0123456789\\xff")' });
    const events = await take(eventsOf(`/execute/processes/${id}/events?offset=4`));
    expect(events.filter(({ event }) => event === 'output').map(({ data }) => data)).toMatchObject([
      { data: '456789', offset: 4 },
      { data: '/w==', encoding: 'base64', offset: 10 },
    ]);
    expect(text(await take(eventsOf(`/execute/processes/${id}/events?offset=-3`))).slice(0, 2)).toBe('89');
  });

  it('are refused for what is not there or not ours', async () => {
    const id = await api.submit({ language: 'bash', code: '1' });
    expect(await api.call('GET', '/execute/processes/proc_x/events')).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_FOUND' } });
    expect(await (await apiOf(server, 'globex')).call('GET', `/execute/processes/${id}/events`)).toMatchObject({ status: 404 });
    await expect(take(eventsOf(`/execute/processes/${id}/events`, 'x'))).rejects.toThrow('400');
    await api.ended(id);
  });

  it('reach the caller right after they were printed', async () => {
    const code = 'import time\ntime.sleep(0.5)\nfor i in range(20):\n print(time.time_ns() // 1_000_000, flush=True)\n time.sleep(0.05)';
    const id = await api.submit({ code });
    const delays: number[] = [];
    for await (const event of eventsOf(`/execute/processes/${id}/events`)) {
      if (event.event === 'output') delays.push(Date.now() - Number(event.data.data));
    }
    console.log(`printed → received: ${delays.toSorted((a, b) => a - b).at(10)} ms at the median of ${delays.length}`);
    expect(delays.length).toBeGreaterThan(10);
  });
});

describe('events of a sandbox', () => {
  it('are all changes of status, from a place on and live', async () => {
    const other = await apiOf(server, 'acme', 'events');
    const url = `${server.url}/execute/events`;
    const leave = new AbortController();
    const first = await other.submit({ language: 'bash', code: 'true' });
    await other.ended(first);
    const live = take(
      readEvents({ url, token: other.token, signal: leave.signal }),
      (all) => statuses(all).filter((status) => status === 'completed').length === 2,
    );
    const second = await other.submit({ language: 'bash', code: 'true' });
    const events = await live;
    expect(events.map(({ data }) => ('process_id' in data ? [data.process_id, data.status] : []))).toEqual(
      [first, second].flatMap((id) => ['queued', 'running', 'completed'].map((status) => [id, status])),
    );
    const rest = await take(readEvents({ url, token: other.token, lastEventId: events[3]?.id }), ({ length }) => length === 2);
    expect(rest.map(({ id }) => id)).toEqual(events.slice(4).map(({ id }) => id));
    const newest = await take(readEvents({ url: `${url}?offset=-1`, token: other.token }), ({ length }) => length === 1);
    expect(statuses(newest)).toEqual(['completed']);
  });

  it('end with the server', async () => {
    const waiting = take(eventsOf('/execute/events?offset=-1'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.close();
    await waiting;
  });
});
