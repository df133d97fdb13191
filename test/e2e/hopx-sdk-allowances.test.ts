import { HTTPClient, Sandbox } from '@hopx-ai/sdk';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installJsonBody } from '../../src/http/json-body.ts';
import { type FrontOptions, openFront, type SeenRequest } from '../support/front.ts';
import { type Hopx, openHopx } from '../support/hopx.ts';

/**
 * What the server does only because HopX's JS client is as it is. Each is shown twice: the client works, and it does not once the allowance is taken away,
 * which the test does by a front that behaves as the server would without it. So a client that needs an allowance no more is noticed too.
 */
let hopx: Hopx;

beforeAll(async () => {
  // The client tells of its retries on the console.
  for (const way of ['log', 'error'] as const) vi.spyOn(console, way).mockReturnValue(undefined);
  hopx = await openHopx();
});
afterAll(() => hopx[Symbol.asyncDispose]());

/** A sandbox whose client reaches the server through a front. */
async function through(options: Omit<FrontOptions, 'url'>) {
  const front = await openFront({ url: hopx.server.url, ...options });
  const sandbox = await Sandbox.create({ ...hopx.options, baseURL: front.url, template: 'base' });
  return { front, sandbox, [Symbol.asyncDispose]: () => front[Symbol.asyncDispose]() };
}

const isRefresh = ({ path }: SeenRequest) => path.endsWith('/token/refresh');
const isList = ({ path }: SeenRequest) => path === '/execute/processes';
const UNAUTHORIZED = { status: 401, body: { code: 'INVALID_TOKEN', message: 'Somebody on the way did not like it.' } };

describe('after a 401 the client refreshes its token and sends the old one again', () => {
  it('which works, as a refresh ends no earlier token', async () => {
    let refusals = 0;
    await using way = await through({ intercept: (seen) => (isList(seen) && refusals++ === 0 ? UNAUTHORIZED : undefined) });
    expect(await way.sandbox.listProcesses()).toEqual([]);
    const [first, second] = way.front.seen.filter(isList);
    expect(way.front.seen.filter(isRefresh)).toHaveLength(1);
    expect(second?.token).toBe(first?.token);
  });

  it('and would not, if it did', async () => {
    let refusals = 0;
    const ended = new Set<string>();
    await using way = await through({
      intercept(seen) {
        if (isRefresh(seen)) for (const { token } of way.front.seen) ended.add(token);
        return isList(seen) && (refusals++ === 0 || ended.has(seen.token)) ? UNAUTHORIZED : undefined;
      },
    });
    await expect(way.sandbox.listProcesses()).rejects.toMatchObject({ name: 'AuthenticationError' });
  });
});

describe('a token that ends within the hour is refreshed before every call', () => {
  const call = async (sandbox: Sandbox) => {
    for (let count = 0; count < 3; count += 1) await sandbox.listProcesses();
  };

  it('so ours never does, not even in a sandbox that lives for a minute', async () => {
    await using way = await through({});
    await way.sandbox.setTimeout(60);
    await call(way.sandbox);
    expect(way.front.seen.filter(isRefresh)).toEqual([]);
  });

  it('as one of half an hour is', async () => {
    const soon = new Date(Date.now() + 1_800_000).toISOString();
    await using way = await through({ rewrite: (body) => body.replace(/"token_expires_at":"[^"]*"/, `"token_expires_at":"${soon}"`) });
    await call(way.sandbox);
    expect(way.front.seen.filter(isRefresh).length).toBeGreaterThanOrEqual(3);
  });
});

describe('a sandbox that is gone', () => {
  const gone = async (options: Omit<FrontOptions, 'url'>) => {
    const way = await through(options);
    await way.sandbox.kill();
    const error = await way.sandbox.listProcesses().catch(({ name }) => name);
    return { error, refreshes: way.front.seen.filter(isRefresh).length, [Symbol.asyncDispose]: () => way[Symbol.asyncDispose]() };
  };

  it('is told by a 410, which the client takes as it is', async () => {
    await using way = await gone({});
    expect(way).toMatchObject({ error: 'SandboxExpiredError', refreshes: 0 });
  });

  it('would be taken for a bad token if it were told by a 401', async () => {
    await using way = await gone({ intercept: (seen) => (isList(seen) ? UNAUTHORIZED : undefined) });
    expect(way).toMatchObject({ error: 'AuthenticationError', refreshes: 1 });
  });
});

describe('calls without a body are sent as JSON', () => {
  async function client(prepare: (app: FastifyInstance) => void) {
    const app = Fastify();
    prepare(app);
    app.post('/execute/kill/:id', async ({ params, body = null }) => ({ params, body }));
    app.delete('/v1/sandboxes/:id', async ({ params, body = null }) => ({ params, body }));
    const baseURL = await app.listen({ host: '127.0.0.1', port: 0 });
    return { http: new HTTPClient({ baseURL, apiKey: 'x', maxRetries: 1 }), [Symbol.asyncDispose]: () => app.close() };
  }

  it('which our parser takes for none', async () => {
    await using ours = await client(installJsonBody);
    expect(await ours.http.post('/execute/kill/a')).toEqual({ params: { id: 'a' }, body: null });
    expect(await ours.http.delete('/v1/sandboxes/a')).toEqual({ params: { id: 'a' }, body: null });
  });

  it("and Fastify's own refuses", async () => {
    await using plain = await client(() => undefined);
    await expect(plain.http.post('/execute/kill/a')).rejects.toMatchObject({ statusCode: 400 });
    await expect(plain.http.delete('/v1/sandboxes/a')).rejects.toMatchObject({ statusCode: 400 });
  });
});
