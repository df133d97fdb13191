import { expect, test } from 'vitest';
import type { z } from 'zod';
import { mintToken } from '../../../../src/http/auth.ts';
import * as wire from '../../../../src/http/schemas/machine.ts';
import { appOf, type Inject, injectorOf, JWT_SECRET } from '../../../support/app.ts';
import { createPlace, startServer, untilOver, untilStatus } from '../../../support/place.ts';

async function open(ends: number | 'never' = 0) {
  const place = await createPlace(() => ({ ends }));
  const server = startServer(place);
  const app = await appOf(place, server);
  return { app, place, server, call: await injectorOf(app), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

async function expectShape(call: Inject, path: string, schema: z.ZodType) {
  const { status, body, headers } = await call(path === '/cache/clear' ? 'POST' : 'GET', path);
  expect({ path, status }).toEqual({ path, status: 200 });
  expect(schema.parse(body)).toEqual(body);
  expect(headers['x-request-id']).toMatch(/^req_/);
  return body;
}

test.each([
  ['/', wire.rootReply],
  ['/ping', wire.pingReply],
  ['/info', wire.infoReply],
  ['/system', wire.systemReply],
] as const)('%s needs no token and answers in its shape', async (path, schema) => {
  await using opened = await open();
  const nobody: Inject = async (method, url) => {
    const response = await opened.app.inject({ method, url });
    return { status: response.statusCode, headers: response.headers, body: response.json() };
  };
  await expectShape(nobody, path, schema);
});

test.each([
  ['/metrics', wire.metricsReply],
  ['/metrics/snapshot', wire.metricsReply],
  ['/processes', wire.systemProcessesReply],
  ['/cache/stats', wire.cacheReply],
  ['/cache/clear', wire.cacheClearReply],
  ['/jupyter/sessions', wire.jupyterReply],
] as const)('%s wants a token and answers in its shape', async (path, schema) => {
  await using opened = await open();
  expect((await opened.app.inject({ method: path === '/cache/clear' ? 'POST' : 'GET', url: path })).statusCode).toBe(401);
  await expectShape(opened.call, path, schema);
});

test('the figures of a sandbox tell what went on in it, and nothing of others', async () => {
  await using opened = await open(3);
  await untilOver(opened.place, await opened.server.submit());
  await opened.call('GET', '/execute/processes/proc_none');
  expect((await opened.call('GET', '/metrics/snapshot')).body).toMatchObject({ total_executions: 1, active_executions: 0, requests_total: 1, error_count: 2 });
  const other = await injectorOf(opened.app, 'globex');
  expect((await other('GET', '/metrics/snapshot')).body).toMatchObject({ total_executions: 0, requests_total: 0, error_count: 0 });
});

test('what runs and waits is listed', async () => {
  await using opened = await open('never');
  const { id, executionId } = await opened.server.submit({ name: 'long' });
  await untilStatus(opened.place, { id }, 'running');
  const { body } = await opened.call('GET', '/processes');
  expect(body).toMatchObject({
    count: 1,
    processes: [{ process_id: id, execution_id: executionId, name: 'long', command: 'bash', status: 'running', user: '20000' }],
  });
  expect((await opened.call('GET', '/metrics')).body).toMatchObject({ active_executions: 1, process: { count: 1, running: 1 } });
});

test("the whole server's figures take the scope admin", async () => {
  await using opened = await open();
  expect(await opened.call('GET', '/metrics/prometheus')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  const token = await mintToken(JWT_SECRET, { tenant: 'operator', scopes: ['admin'], ttlSeconds: 60 });
  const response = await opened.app.inject({ method: 'GET', url: '/metrics/prometheus', headers: { authorization: `Bearer ${token}` } });
  expect(response.headers['content-type']).toContain('text/plain');
  expect(response.body).toContain('route="/metrics/prometheus",status="403"');
});

test.each(['GET', 'POST', 'DELETE'] as const)('%s to a desktop or an update is told that there is none', async (method) => {
  await using opened = await open();
  expect(await opened.call(method, '/desktop/vnc/start')).toMatchObject({ status: 400, body: { code: 'DESKTOP_NOT_AVAILABLE' } });
  expect(await opened.call(method, '/update/agent')).toMatchObject({
    status: 400,
    body: { code: 'INVALID_REQUEST', message: expect.stringContaining('operator') },
  });
});
