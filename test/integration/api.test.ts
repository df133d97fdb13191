import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/http/auth.ts';
import { errorSchema } from '../../src/http/schemas/common.ts';
import { backgroundReply } from '../../src/http/schemas/execute.ts';
import { listReply, processDetailSchema } from '../../src/http/schemas/processes.ts';
import { healthReply, languagesReply } from '../../src/http/schemas/server.ts';
import { type Api, apiOf } from '../support/api.ts';
import { containerOf, docker } from '../support/docker.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer();
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A request as raw as it comes. */
function send(path: string, init: RequestInit & { token?: string | undefined } = {}) {
  const { token = api.token, ...rest } = init;
  return fetch(server.url + path, {
    ...rest,
    headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(rest.headers as Record<string, string>) },
  });
}

const json = { 'Content-Type': 'application/json' };
const post = (body: string | Buffer, headers: Record<string, string> = json) => send('/execute/background', { method: 'POST', body, headers });

async function expectError(response: Response, status: number, code: string): Promise<string> {
  const body = errorSchema.parse(await response.json());
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(response.headers.get('x-request-id')).toBe(body.request_id);
  return body.message;
}

it('a container that was made for a request is labelled with its id', async () => {
  const response = await post(JSON.stringify({ code: 'sleep 60', language: 'bash', name: 'labelled' }));
  const { process_id } = backgroundReply.parse(await response.json());
  await until(async () => (await api.get(process_id)).status === 'running', 'its start');
  const { Config } = await docker.getContainer(containerOf(server, process_id)).inspect();
  expect(Config.Labels).toMatchObject({ 'coracle.request': response.headers.get('x-request-id') });
  await api.call('DELETE', '/execute/kill', { process_id });
});

describe('answers hold to their schemas', () => {
  it('background, get, list, languages and health', async () => {
    const { body: reply } = await api.call<{ process_id: string; processId: string }>('POST', '/execute/background', { code: 'print(1)', name: 'näme' });
    expect(backgroundReply.parse(reply)).toEqual(reply);
    expect(reply.processId).toBe(reply.process_id);
    await api.ended(reply.process_id);
    const process = await api.get(reply.process_id);
    expect(processDetailSchema.parse(process)).toEqual(process);
    expect(process).toMatchObject({
      name: 'näme',
      language: 'python',
      working_dir: '/workspace',
      timeout: 300,
      started_at: process.start_time,
      completed_at: process.end_time,
    });
    const { body: list } = await api.call('GET', '/execute/processes');
    expect(listReply.parse(list)).toEqual(list);
    const { body: languages } = await api.call('GET', '/languages');
    expect(languagesReply.parse(languages).languages.map(({ name }) => name)).toEqual(['bash', 'go', 'javascript', 'python', 'typescript']);
    const health = await (await send('/health', { token: '' })).json();
    expect(healthReply.parse(health)).toMatchObject({ status: 'healthy' });
  });

  it('an empty list is an array, and a long one has pages', async () => {
    const fresh = await apiOf(server, 'fresh');
    expect((await fresh.call('GET', '/execute/processes')).body).toMatchObject({ processes: [], count: 0, next_cursor: null });
    const ids = [];
    for (let index = 0; index < 5; index += 1) ids.push(await fresh.submit({ code: '1', language: 'bash' }));
    const first = await fresh.call<{ processes: { process_id: string }[]; next_cursor: string }>('GET', '/execute/processes?limit=3');
    const second = await fresh.call<{ processes: { process_id: string }[] }>('GET', `/execute/processes?limit=3&cursor=${first.body.next_cursor}`);
    expect([...first.body.processes, ...second.body.processes].map(({ process_id }) => process_id)).toEqual(ids.reverse());
    expect(second.body).toMatchObject({ count: 2, next_cursor: null });
    await Promise.all(ids.map((id) => fresh.ended(id)));
  });
});

describe('the list', () => {
  it('shows what was asked for', async () => {
    const own = await apiOf(server, 'list');
    const ids = [
      await own.submit({ code: 'echo 1', language: 'bash', name: 'one' }),
      await own.submit({ code: 'exit 3', language: 'sh', name: 'two' }),
      await own.submit({ code: 'print(3)', name: 'one' }),
    ];
    const ended = await Promise.all(ids.map((id) => own.ended(id)));
    async function found(query: string) {
      const { body } = await own.call<{ processes: { process_id: string }[]; count: number }>('GET', `/execute/processes?${query}`);
      expect(listReply.parse(body)).toEqual(body);
      return body.processes.map(({ process_id }) => ids.indexOf(process_id));
    }
    const since = encodeURIComponent(ended[2]?.created_at ?? '');
    const asked = [
      ['order=asc', [0, 1, 2]],
      ['status=failed', [1]],
      ['status=completed,failed&order=asc', [0, 1, 2]],
      ['status=completed&status=queued', [2, 0]],
      ['name=one', [2, 0]],
      ['language=sh', [1, 0]],
      ['language=bash&name=one&status=completed', [0]],
      ['language=cobol', []],
      [`since=${since}`, [2]],
      ['output=none', [2, 1, 0]],
      ['output=full&limit=1', [2]],
    ] as const;
    for (const [query, expected] of asked) expect([query, await found(query)]).toEqual([query, expected]);
  });

  it.each(['limit=0', 'limit=1001', 'status=', 'status=done', 'order=up', 'output=all', 'since=yesterday', 'cursor=x'])('refuses %s', async (query) => {
    await expectError(await send(`/execute/processes?${query}`), 400, 'INVALID_REQUEST');
  });
});

describe('bad requests', () => {
  const code = 'print(1)';
  const bodies: [string, object][] = [
    ['code of the wrong type', { code: 5 }],
    ['empty code', { code: '' }],
    ['NUL in code', { code: 'a\0b' }],
    ['a relative working directory', { code, working_dir: 'data' }],
    ['a working directory that climbs', { code, workdir: '/workspace/../etc' }],
    ['a time-out of 0', { code, timeout: 0 }],
    ['a time-out with a fraction', { code, timeout: 1.5 }],
    ['a time-out of text', { code, timeout: '5' }],
    ['a time-out over a day', { code, timeout: 86_401 }],
    ['a variable name with =', { code, env: { 'A=B': '1' } }],
    ['a variable that is no text', { code, env: { A: 1 } }],
    ['a list for env', { code, env: ['A'] }],
    ['too many variables', { code, env: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`V${index}`, ''])) }],
    ['a name with a line break', { code, name: 'a\nb' }],
    ['an unknown language', { code, language: 'cobol' }],
    ['a language like a property', { code, language: '__proto__' }],
  ];

  it.each(bodies)('%s is 400', async (_title, body) => {
    await expectError(await post(JSON.stringify(body)), 400, 'INVALID_REQUEST');
  });

  it('a missing code is named', async () => {
    expect(await expectError(await post('{}'), 400, 'MISSING_PARAMETER')).toContain('code');
  });

  it('an unknown language is answered with the known ones', async () => {
    expect(await expectError(await post('{"code":"1","language":"cobol"}'), 400, 'INVALID_REQUEST')).toMatch(/python = python3.*typescript = ts/);
  });

  it.each([
    ['no JSON', '{"code": '],
    ['a time-out of 1e400 and then no JSON', '{"code":"1","timeout":1e400'],
  ])('%s is INVALID_JSON', async (_title, body) => {
    await expectError(await post(body), 400, 'INVALID_JSON');
  });

  it('bytes that are no UTF-8 are refused, not replaced', async () => {
    await expectError(await post(Buffer.from([...Buffer.from('{"code":"'), 0xff, ...Buffer.from('"}')])), 400, 'INVALID_JSON');
  });

  it.each([
    ['400,000 brackets', '['.repeat(400_000)],
    ['400,000 brackets that are closed', `${'['.repeat(400_000)}${']'.repeat(400_000)}`],
    ['a million keys', `{"code":"1","env":{${Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join()}}}`.slice(0, 8_000_000)],
  ])('%s are too complex', async (_title, body) => {
    expect(await expectError(await post(body), 400, 'INVALID_REQUEST')).toMatch(/nested more|more than .* members/);
  });

  it('an empty body with a JSON content type is a missing one', async () => {
    await expectError(await post(''), 400, 'INVALID_REQUEST');
  });

  it('another content type is 415, and too large a body 413', async () => {
    await expectError(await post('code=1', { 'Content-Type': 'application/x-www-form-urlencoded' }), 415, 'INVALID_REQUEST');
    await expectError(await post('print(1)', { 'Content-Type': 'text/plain' }), 415, 'INVALID_REQUEST');
    await expectError(await post(JSON.stringify({ code: 'x'.repeat(9 * 1024 * 1024) })), 413, 'INVALID_REQUEST');
  });

  it('unknown fields are ignored, also those that an engine would know', async () => {
    const process = await api.run({ code: 'id -u', language: 'bash', image: 'root', HostConfig: { Privileged: true }, user: '0', privileged: true });
    expect(process.stdout).toMatch(/^2\d{4}\n$/);
  });

  it.each(['/execute', '/execute/nothing', '/execute/processes/'])('%s is not there', async (path) => {
    const response = await send(path, { token: '' });
    if (path === '/execute/processes/') return expect([401, 404]).toContain(response.status);
    await expectError(response, 404, 'RESOURCE_NOT_FOUND');
  });

  it('a request that is no HTTP does not harm', async () => {
    const { port } = new URL(server.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.end('NONSENSE\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });
});

describe('tokens', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  const list = (token: string) => send('/execute/processes', { token });

  it('none is AUTHENTICATION_REQUIRED', async () => {
    await expectError(await list(''), 401, 'AUTHENTICATION_REQUIRED');
    await expectError(await send('/execute/background', { token: '', method: 'POST', body: '{not json', headers: json }), 401, 'AUTHENTICATION_REQUIRED');
  });

  it('one that proves nothing is INVALID_TOKEN', async () => {
    const unsigned = `${part({ alg: 'none', typ: 'JWT' })}.${part({ tenant: 'acme', exp: inAnHour })}.`;
    const stranger = await mintToken('another secret of at least 32 bytes', { tenant: 'acme', ttlSeconds: 3600 });
    for (const token of ['garbage', unsigned, stranger, `${api.token.slice(0, -4)}AAAA`, 'x'.repeat(9_000)]) {
      await expectError(await list(token), 401, 'INVALID_TOKEN');
    }
  });

  it('one without the scope of a route is FORBIDDEN there, and good where its scope is enough', async () => {
    const reader = await mintToken(server.jwtSecret, { tenant: 'acme', scopes: ['processes:read'], ttlSeconds: 3600 });
    expect((await list(reader)).status).toBe(200);
    const refused = await send('/execute/background', { token: reader, method: 'POST', body: '{not json', headers: json });
    expect(await expectError(refused, 403, 'FORBIDDEN')).toContain('"processes:write"');
  });

  it("another tenant's process is nowhere: by id, in the list, by its output", async () => {
    const id = await api.submit({ code: '1', language: 'bash' });
    for (const other of [await apiOf(server, 'globex'), await apiOf(server, 'acme', 'elsewhere')]) {
      expect(await other.call('GET', `/execute/processes/${id}`)).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_FOUND' } });
      expect(await other.call('GET', `/execute/processes/${id}/output`)).toMatchObject({ status: 404 });
      expect((await other.list()).map(({ process_id }) => process_id)).not.toContain(id);
    }
    await api.ended(id);
  });
});

describe('the API describes itself', () => {
  it('in the document that is committed; run "npm run openapi" when the API changes', async () => {
    const served = await (await send('/openapi.json', { token: '' })).json();
    expect(JSON.parse(await readFile(new URL('../../src/http/openapi.json', import.meta.url), 'utf8'))).toEqual(served);
  });

  it('at /openapi.json, and at /docs for people', async () => {
    const document = (await (await send('/openapi.json', { token: '' })).json()) as { openapi: string; paths: object };
    expect(document.openapi).toMatch(/^3\.1/);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/execute/background', '/execute/processes', '/execute/kill', '/health', '/languages']),
    );
    const page = await send('/docs/', { token: '' });
    expect(await page.text()).toContain('swagger-ui');
  });
});
