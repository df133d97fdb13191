import { expect, test } from 'vitest';
import { errorSchema } from '../../../../src/http/schemas/common.ts';
import { quotaReply } from '../../../../src/http/schemas/quota.ts';
import { type Overrides, UNLIMITED } from '../../../../src/tenancy/limits.ts';
import { appOf, injectorOf } from '../../../support/app.ts';
import { createPlace, LIMITS, startServer, untilOver, untilStatus } from '../../../support/place.ts';

const MIB = 1024 * 1024;

async function open(limits: Overrides = {}) {
  const place = await createPlace(() => ({ steps: [{ print: 'x'.repeat(1_000) }] }));
  const server = startServer(place, {
    limitsOf: (tenant) => ({ ...UNLIMITED, ...(tenant === 'acme' ? limits : {}), most: { ...UNLIMITED.most, ...limits.most } }),
  });
  const app = await appOf(place, server);
  return { app, place, server, call: await injectorOf(app), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('GET /quota tells limits and what is used of them, in the shape that is described', async () => {
  await using opened = await open({
    processes: 4,
    sandboxes: 5,
    retainedBytes: 10 * MIB,
    requestsPerMinute: 10,
    most: { ...UNLIMITED.most, timeoutSeconds: 60 },
  });
  const { id } = await opened.server.submit();
  await untilOver(opened.place, { id });
  const { body } = await opened.call('GET', '/quota');
  expect(quotaReply.parse(body)).toEqual(body);
  expect(body).toMatchObject({
    tenant: 'acme',
    quota: {
      processes: { used: 0, limit: 4 },
      queued: { used: 0, limit: null },
      sandboxes: { used: 1, limit: 5 },
      requests_per_minute: { used: 1, limit: 10 },
      workspace_mb: { limit: null },
    },
    most: { timeout: 60, cpus: null },
  });
  expect(quotaReply.parse(body).quota.retained_mb.used).toBeGreaterThan(0);
  const other = await (await injectorOf(opened.app, 'globex'))('GET', '/quota');
  expect(other.body).toMatchObject({ quota: { sandboxes: { used: 0, limit: null }, retained_mb: { used: 0 }, requests_per_minute: { used: 0, limit: null } } });
});

test('what runs and waits is counted while it does', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place, { maxRunning: 2 });
  const call = await injectorOf(await appOf(place, server));
  const ids = [await server.submit(), await server.submit(), await server.submit()];
  for (const started of ids.slice(0, 2)) await untilStatus(place, started, 'running');
  const memory = { used: (2 * LIMITS.memoryBytes) / MIB };
  expect((await call('GET', '/quota')).body).toMatchObject({
    quota: { processes: { used: 2 }, queued: { used: 1 }, memory_mb: memory, cpus: { used: 2 * LIMITS.cpus } },
  });
});

test('a request over the limit a minute is told when to come back, and its body is not looked at', async () => {
  await using opened = await open({ requestsPerMinute: 2 });
  const first = await opened.call('GET', '/languages');
  expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' });
  expect(Number(first.headers['x-ratelimit-reset'])).toBeGreaterThan(0);
  await opened.call('GET', '/execute/processes');
  const refused = await opened.call('POST', '/execute/background', { code: 5 });
  expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMIT_EXCEEDED', details: { limit: 2 } } });
  expect(errorSchema.parse(refused.body)).toEqual(refused.body);
  const wait = Number(refused.headers['retry-after']);
  expect(wait).toBeGreaterThan(0);
  expect(refused.body['retry_after']).toBe(wait);
  expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0' });
});

test("one tenant's requests do not count against another's, and where nothing is limited nothing is said", async () => {
  await using opened = await open({ requestsPerMinute: 1 });
  await opened.call('GET', '/languages');
  expect((await opened.call('GET', '/languages')).status).toBe(429);
  const other = await (await injectorOf(opened.app, 'globex'))('GET', '/languages');
  expect(other.status).toBe(200);
  expect(other.headers).not.toHaveProperty('x-ratelimit-limit');
  expect((await (await injectorOf(opened.app, 'acme', 'other'))('GET', '/languages')).status).toBe(429);
});

test('a tenant that has as many waiting as it may is refused by its own limit, and by none of its sandboxes it gets around it', async () => {
  await using place = await createPlace(() => ({ ends: 'never' }));
  const server = startServer(place, { limitsOf: (tenant) => ({ ...UNLIMITED, ...(tenant === 'acme' ? { processes: 1, queued: 0, sandboxes: 2 } : {}) }) });
  const app = await appOf(place, server);
  const [call, elsewhere, other] = [await injectorOf(app), await injectorOf(app, 'acme', 'other'), await injectorOf(app, 'globex')];
  const body = { code: 'true', language: 'bash' };
  expect((await call('POST', '/execute/background', body)).status).toBe(200);
  for (const again of [call, elsewhere]) {
    expect(await again('POST', '/execute/background', body)).toMatchObject({
      status: 429,
      body: { code: 'RESOURCE_LIMIT_ERROR', message: expect.stringMatching(/tenant/), retry_after: 5 },
    });
  }
  expect((await other('POST', '/execute/background', body)).status).toBe(200);
});

test('a tenant gets no more sandboxes than it may, by whatever name it asks for them', async () => {
  await using opened = await open({ sandboxes: 1 });
  expect((await opened.call('PUT', '/env', { env_vars: {} })).status).toBe(200);
  const elsewhere = await injectorOf(opened.app, 'acme', 'another');
  const refused = { status: 429, body: { code: 'RESOURCE_LIMIT_ERROR' } };
  expect(await elsewhere('PUT', '/env', { env_vars: {} })).toMatchObject(refused);
  expect(await elsewhere('POST', '/execute/background', { code: 'true', language: 'bash' })).toMatchObject(refused);
  expect((await elsewhere('GET', '/execute/processes')).body['count']).toBe(0);
});

test('a request that asks for more than it may gets as much as it may', async () => {
  await using opened = await open({ most: { ...UNLIMITED.most, timeoutSeconds: 60, outputBytes: 5_000 } });
  const { body } = await opened.call('POST', '/execute/background', { code: 'true', language: 'bash', timeout: 300, limits: { output_bytes: 100_000 } });
  const record = await opened.call('GET', `/execute/processes/${body['process_id']}`);
  expect(record.body).toMatchObject({ timeout: 60, limits: { output_bytes: 5_000 } });
});
