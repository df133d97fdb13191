import { describe, expect, it } from 'vitest';
import * as sdk from '../../../src/client/index.ts';
import { fakeFetch, json, type Reply } from '../../support/fake-fetch.ts';

function clientWith(...replies: readonly Reply[]) {
  const { fetch, seen } = fakeFetch(...replies);
  return { client: sdk.createClient({ url: 'http://coracle.test/', token: 't0ken', patienceMs: 2_000, fetch }), seen };
}

const refused = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') });
const busy = () => json({ code: 'SERVICE_UNAVAILABLE', message: 'later' }, 503, { 'Retry-After': '0' });
const reason = { name: 'AbortError' };

describe('a call', () => {
  it('carries the token, and a query of what is given', async () => {
    const { client, seen } = clientWith(json({ processes: [], next_cursor: null }));
    await client.list({ limit: 3 });
    expect(seen[0]).toMatchObject({ method: 'GET', path: '/execute/processes?limit=3' });
    expect(seen[0]?.headers.get('Authorization')).toBe('Bearer t0ken');
  });

  it('asks for a token each time when that is a function', async () => {
    const { fetch, seen } = fakeFetch(json({}));
    let count = 0;
    const client = sdk.createClient({ url: 'http://coracle.test', token: async () => `t${++count}`, fetch });
    await client.get('a');
    await client.get('b');
    expect(seen.map(({ headers }) => headers.get('Authorization'))).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('never lets an id become another path', async () => {
    const { client, seen } = clientWith(json({}));
    await client.get('../kill?x#');
    expect(seen[0]?.path).toBe('/execute/processes/..%2Fkill%3Fx%23');
  });

  it.each([
    [400, sdk.InvalidRequestError],
    [401, sdk.AuthenticationError],
    [403, sdk.ForbiddenError],
    [404, sdk.NotFoundError],
    [409, sdk.ConflictError],
    [410, sdk.NotFoundError],
    [413, sdk.InvalidRequestError],
    [500, sdk.ServerError],
  ] as const)('answered %d rejects with an error of its kind that says what the server said', async (status, Kind) => {
    const body = { error: 'No', code: 'SOME_CODE', message: 'Do better.', details: { field: 'x' }, request_id: 'req_1' };
    const error = await clientWith(json(body, status))
      .client.get('a')
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(Kind);
    expect(error).toBeInstanceOf(sdk.ApiError);
    expect(error).toMatchObject({ name: Kind.name, message: 'Do better.', code: 'SOME_CODE', status, requestId: 'req_1', details: { field: 'x' } });
  });

  it('answered by something else than our server is an error all the same', async () => {
    const { client } = clientWith(new Response('<html>bad gateway', { status: 500, headers: { 'X-Request-ID': 'proxy' } }));
    await expect(client.get('a')).rejects.toMatchObject({ name: 'ServerError', code: 'UNKNOWN', status: 500, requestId: 'proxy' });
  });

  it('that gets no answer says where, and why', async () => {
    const { client, seen } = clientWith(refused);
    await expect(client.kill('a')).rejects.toMatchObject({ name: 'ConnectionError', message: expect.stringMatching(/coracle\.test.*ECONNREFUSED/) });
    expect(seen).toHaveLength(1);
  });

  it('that may be repeated is tried again after a break, and when the server says later', async () => {
    const { client, seen } = clientWith(refused, busy(), json({ process_id: 'p' }));
    expect(await client.get('p')).toEqual({ process_id: 'p' });
    expect(seen).toHaveLength(3);
  });

  it('is tried only so often', async () => {
    const { client, seen } = clientWith(busy());
    await expect(client.get('p')).rejects.toMatchObject({ name: 'ServerError', retryAfterSeconds: 0 });
    expect(seen).toHaveLength(4);
  });

  it('ends as soon as its signal is aborted, before, during and between tries', async () => {
    const { client } = clientWith(() => new Promise<never>(() => undefined), refused);
    await expect(client.get('a', { signal: AbortSignal.abort() })).rejects.toMatchObject(reason);
    const between = clientWith(() => json({ code: 'X', message: 'later' }, 503, { 'Retry-After': '20' }));
    const stop = new AbortController();
    const call = between.client.get('a', { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await expect(call).rejects.toMatchObject(reason);
  });
});

describe('a submission', () => {
  it('that has to be repeated carries one key, and each submission its own', async () => {
    const { client, seen } = clientWith(refused, json({ process_id: 'p' }));
    await client.submit({ code: 'print(1)' });
    await client.submit({ code: 'print(1)' });
    await client.submit({ code: 'print(1)' }, { idempotencyKey: 'mine' });
    const keys = seen.map(({ headers }) => headers.get('Idempotency-Key'));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys).size).toBe(3);
    expect(keys[3]).toBe('mine');
    expect(seen[1]).toMatchObject({ method: 'POST', path: '/execute/background', body: { code: 'print(1)' } });
  });
});

describe('what reaches into a process', () => {
  it('is written in pieces, the last of which closes', async () => {
    const { client, seen } = clientWith(json({}));
    const bytes = new Uint8Array(1_048_578).fill(255, 1_048_576);
    await client.writeStdin('p', bytes, { close: true });
    await client.writeStdin('p', '', { close: true });
    await client.writeStdin('p', '€');
    const bodies = seen.map(({ body }) => body as { data: string; close: boolean });
    expect(bodies.map(({ data, close }) => [Buffer.from(data, 'base64').length, close])).toEqual([
      [1_048_576, false],
      [2, true],
      [0, true],
      [3, false],
    ]);
    expect(bodies[1]?.data).toBe('//8=');
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/execute/processes/p/stdin' });
  });

  it('is a signal, or an end as it is told, and is never sent twice', async () => {
    const { client, seen } = clientWith(json({}));
    await client.signal('p', 'INT');
    await client.kill('p', { signal: 'HUP', grace_seconds: 3 });
    await client.killMany({ all: true });
    expect(seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/execute/processes/p/signal', { signal: 'INT' }],
      ['DELETE', '/execute/kill', { process_id: 'p', signal: 'HUP', grace_seconds: 3 }],
      ['DELETE', '/execute/kill', { all: true }],
    ]);
    const away = clientWith(refused);
    for (const call of [away.client.signal('p', 'INT'), away.client.kill('p'), away.client.writeStdin('p', 'x')]) await expect(call).rejects.toThrow();
    expect(away.seen).toHaveLength(3);
  });
});

it('what was refused for being too much is asked for again, whatever it is', async () => {
  const full = json({ code: 'RESOURCE_LIMIT_ERROR', message: 'not read yet' }, 429, { 'Retry-After': '0' });
  const { client, seen } = clientWith(full, full, json({}), full);
  await client.writeStdin('p', 'x');
  expect(seen).toHaveLength(3);
  await expect(client.signal('p', 'INT')).rejects.toBeInstanceOf(sdk.LimitError);
});

describe('files', () => {
  it('are written as a form and read as they are', async () => {
    const forms: FormData[] = [];
    const taking = async (_url: unknown, init?: RequestInit) => {
      if (init?.body instanceof FormData) forms.push(init.body);
      return new Response(init?.method === 'GET' ? Uint8Array.of(0, 255) : '{}');
    };
    const { files } = sdk.createClient({ url: 'http://coracle.test', fetch: taking as typeof fetch });
    await files.write('a/b', 'text', { mode: '0600', overwrite: false });
    expect([...(forms[0]?.keys() ?? [])]).toEqual(['path', 'mode', 'overwrite', 'file']);
    const written = forms[0]?.get('file');
    expect(written instanceof Blob && (await written.text())).toBe('text');
    expect(await files.read('a/b')).toEqual(Uint8Array.of(0, 255));
  });
});

describe('waiting', () => {
  it('holds on while the server is away, and asks until the process has ended', async () => {
    const running = json({ status: 'running' });
    const { client, seen } = clientWith(json({ process_id: 'p' }), running, refused, busy(), running, json({ status: 'failed', exit_code: 3 }));
    expect(await client.run({ code: '1' })).toMatchObject({ status: 'failed', exit_code: 3 });
    expect(seen.slice(1).every(({ path }) => path.startsWith('/execute/processes/p/wait?timeout='))).toBe(true);
  });

  it('gives up when the server stays away for longer than the patience', async () => {
    const { fetch } = fakeFetch(refused);
    const client = sdk.createClient({ url: 'http://coracle.test', patienceMs: 50, fetch });
    await expect(client.wait('p')).rejects.toBeInstanceOf(sdk.ConnectionError);
  });

  it('does not go on about a process that is not there', async () => {
    const { client, seen } = clientWith(json({ code: 'RESOURCE_NOT_FOUND', message: 'No such process' }, 404));
    await expect(client.wait('p')).rejects.toBeInstanceOf(sdk.NotFoundError);
    expect(seen).toHaveLength(1);
  });
});

it('every page of the list is walked, in order', async () => {
  const { client, seen } = clientWith(
    json({ processes: [{ process_id: 'c' }, { process_id: 'b' }], next_cursor: 'x' }),
    json({ processes: [{ process_id: 'a' }], next_cursor: null }),
  );
  const ids = [];
  for await (const { process_id } of client.listAll({ limit: 2 })) ids.push(process_id);
  expect(ids).toEqual(['c', 'b', 'a']);
  expect(seen.map(({ path }) => path)).toEqual(['/execute/processes?limit=2', '/execute/processes?limit=2&cursor=x']);
});
