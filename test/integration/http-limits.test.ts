import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { AppDependencies } from '../../src/http/app.ts';
import { mintToken } from '../../src/http/auth.ts';
import { errorSchema } from '../../src/http/schemas/common.ts';
import { appOf, JWT_SECRET } from '../support/app.ts';
import { createPlace, outputOf, startServer, untilOver } from '../support/place.ts';
import { until } from '../support/until.ts';

/** The real HTTP server, with a fake engine behind it. */
async function open(differences: Partial<AppDependencies> = {}) {
  const place = await createPlace(() => ({ steps: [{ print: Buffer.alloc(512 * 1024, 'x') }] }));
  const server = startServer(place);
  const app = await appOf(place, server, differences);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const token = await mintToken(JWT_SECRET, { tenant: 'acme', ttlSeconds: 600 });
  return {
    app,
    place,
    server,
    url,
    authorization: `Authorization: Bearer ${token}`,
    async [Symbol.asyncDispose]() {
      await app.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

function dial({ server }: FastifyInstance): Socket {
  const { port } = server.address() as { port: number };
  return connect(port, '127.0.0.1').on('error', () => undefined);
}

/** All that comes back until the server ends the connection. */
function answerTo(app: FastifyInstance, ...pieces: (string | Buffer)[]): Promise<string> {
  const socket = dial(app);
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text));
    for (const piece of pieces) socket.write(piece);
  });
}

function readError(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const error = errorSchema.parse(JSON.parse(body));
  expect(head.toLowerCase()).toContain(`x-request-id: ${error.request_id.toLowerCase()}`);
  return { status: Number(head.split(' ')[1]), code: error.code, message: error.message };
}

describe('a client that takes its time', () => {
  const quick = { httpLimits: { headersMs: 300, requestMs: 600, checkMs: 50 } };

  it.each([
    ['says nothing', []],
    ['sends half a request line', ['GET /hea']],
    ['sends headers without end', ['GET /health HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n']],
    ['sends half a body', ['POST /execute/background HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"code']],
  ])('is told so and loses its connection when it %s', async (_title, pieces) => {
    await using opened = await open(quick);
    const withToken = pieces.map((piece) => piece.replace('Host: x', `Host: x\r\n${opened.authorization}`));
    expect(readError(await answerTo(opened.app, ...withToken))).toMatchObject({
      status: 408,
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(/did not arrive in time/),
    });
  });

  it('loses its connection when it drips one byte after the other', async () => {
    await using opened = await open(quick);
    const socket = dial(opened.app);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const drip = setInterval(() => socket.writable && socket.write('X'), 20);
    await closed;
    clearInterval(drip);
  });

  it('loses its connection when it stops to read what it asked for, and one that reads slowly does not', async () => {
    await using opened = await open({ httpLimits: { stalledMs: 500 } });
    const { id } = await opened.server.submit();
    await untilOver(opened.place, { id });
    expect(await outputOf(opened.place, { id })).toHaveLength(512 * 1024);
    // Many answers at once, because the kernel takes some megabytes off the server's hands.
    const request = `GET /execute/processes/${id}/output?encoding=raw HTTP/1.1\r\nHost: x\r\n${opened.authorization}\r\n\r\n`;
    const stalled = dial(opened.app);
    const slow = dial(opened.app);
    let received = 0;
    const connections = () => new Promise<number>((resolve) => opened.app.server.getConnections((_error, count) => resolve(count)));
    await until(async () => (await connections()) === 2, 'both to be connected');
    stalled.pause().write(request.repeat(40));
    slow.on('data', (chunk) => (received += chunk.length)).write(request.repeat(40));
    const trickle = setInterval(() => (slow.isPaused() ? slow.resume() : slow.pause()), 50);
    await until(async () => (await connections()) === 1, 'one to be closed', 30_000);
    await until(() => received > 40 * 512 * 1024, 'all that the other asked for');
    clearInterval(trickle);
    expect(slow.destroyed).toBe(false);
    slow.destroy();
    stalled.destroy();
  });

  it('keeps its connection when it waits for an answer that has nothing to say yet', async () => {
    await using opened = await open({ httpLimits: { stalledMs: 100 }, waitUntilEnded: () => sleep(1_000, undefined) });
    const answer = await answerTo(opened.app, `GET /execute/processes/proc_x/wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${opened.authorization}\r\n\r\n`);
    expect(readError(answer)).toMatchObject({ status: 404 });
  });
});

describe('more connections than the server takes', () => {
  it('are closed at once, and the others go on', async () => {
    await using opened = await open({ httpLimits: { connections: 2 } });
    const taken = [dial(opened.app), dial(opened.app)];
    for (const socket of taken) await new Promise((resolve) => socket.once('connect', resolve));
    await new Promise((resolve) => dial(opened.app).on('close', resolve));
    expect(taken.every(({ destroyed }) => !destroyed)).toBe(true);
    for (const socket of taken) socket.destroy();
  });
});

describe('what is no clean HTTP', () => {
  const hello = 'POST /execute/background HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const smuggled = 'GET /languages HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each([
    ['nonsense', 'NONSENSE\r\n\r\n', 400],
    ['both lengths', `${hello}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`, 400],
    ['both lengths the other way around', `${hello}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`, 400],
    ['two lengths', `${hello}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1`, 400],
    ['a length that is no number', `${hello}Content-Length: 5x\r\n\r\n{"a":1`, 400],
    ['a negative length', `${hello}Content-Length: -5\r\n\r\n`, 400],
    ['an encoding that is unknown', `${hello}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunked twice', `${hello}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a space before the colon', `${hello}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a folded header', `${hello}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a chunk size that is no number', `${hello}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a NUL in a header', `${hello}X-A: a\0b\r\n\r\n`, 400],
    ['headers of 100 KB', `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
  ])('%s is refused in the shape of every error, and nothing after it is answered', async (_title, request, status) => {
    await using opened = await open();
    const answer = await answerTo(opened.app, request.replace('Host: x', `Host: x\r\n${opened.authorization}`));
    expect(answer.split('HTTP/1.1 ')).toHaveLength(2);
    expect(readError(answer)).toMatchObject({ status, code: 'INVALID_REQUEST' });
  });

  it('has no body in its answer when it is a HEAD', async () => {
    await using opened = await open();
    const answer = await answerTo(opened.app, `HEAD /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*\r\n\r\n$/);
  });

  it('does not get into the answer that is under way', async () => {
    await using opened = await open();
    const { id } = await opened.server.submit();
    await untilOver(opened.place, { id });
    const request = `GET /execute/processes/${id}/output?encoding=raw HTTP/1.1\r\nHost: x\r\n${opened.authorization}\r\n\r\n`;
    const answer = await answerTo(opened.app, request, 'NONSENSE\r\n\r\n');
    expect(answer).not.toMatch(/xHTTP\/1\.1|xxx.*INVALID_REQUEST/);
  });

  it.each([
    ['/execute/processes/%', 400],
    ['/execute/processes/%E0%A4', 400],
    [`/execute/processes/${'x'.repeat(300)}`, 414],
    [`/execute/processes/${'x'.repeat(200)}`, 400],
    ['/execute/processes/..%2f..%2fetc%2fpasswd', 404],
    ['//execute/processes', 404],
    ['/execute/processes/%00', 404],
  ])('the path %s is %i', async (path, status) => {
    await using opened = await open();
    const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${opened.authorization}\r\n\r\n`;
    expect(readError(await answerTo(opened.app, request))).toMatchObject({ status });
  });
});

describe('web pages', () => {
  const headersOf = async (url: string, init: RequestInit) => {
    const { status, headers } = await fetch(url, init);
    return { status, headers };
  };
  const fromPage = (origin: string, method = 'POST') => ({
    method: 'OPTIONS',
    headers: { Origin: origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': 'authorization,content-type' },
  });

  it('of other origins are kept out by default', async () => {
    await using opened = await open();
    const preflight = await headersOf(`${opened.url}/execute/background`, fromPage('https://evil.example'));
    expect(preflight.status).toBe(404);
    const { headers } = await headersOf(`${opened.url}/health`, { headers: { Origin: 'https://evil.example' } });
    for (const answer of [preflight.headers, headers]) expect([...answer.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('of configured origins may call, with any token and no cookie, and others may not', async () => {
    await using opened = await open({ corsOrigins: ['https://app.example'] });
    const good = await headersOf(`${opened.url}/execute/background`, fromPage('https://app.example', 'DELETE'));
    expect(good.status).toBe(204);
    expect(good.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(good.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(good.headers.get('access-control-allow-methods')).toContain('DELETE');
    expect(good.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await headersOf(`${opened.url}/execute/processes`, { headers: { Origin: 'https://app.example' } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example');
    for (const origin of ['https://evil.example', 'https://app.example.evil.example', 'null']) {
      const { headers } = await headersOf(`${opened.url}/health`, { headers: { Origin: origin } });
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('get nothing to guess at, to keep or to frame, whatever the answer is', async () => {
    await using opened = await open();
    for (const path of ['/health', '/execute/processes', '/nothing', '/openapi.json']) {
      const { headers } = await fetch(opened.url + path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    }
  });

  it('have the one of the documentation, which runs its own scripts only', async () => {
    await using opened = await open();
    const { headers, status } = await fetch(`${opened.url}/docs/`);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self'/);
  });
});
