import { expect, test } from 'vitest';
import { controlErrorSchema, createReply, sandboxListReply, sandboxSchema } from '../../../../src/http/schemas/sandboxes.ts';
import { INITIAL_ENVIRONMENT } from '../../../../src/sandbox/environment.ts';
import { appOf, type Inject, injectorOf, injectorWith } from '../../../support/app.ts';
import { createPlace, startServer } from '../../../support/place.ts';

async function open(differences: Parameters<typeof appOf>[2] = {}) {
  const place = await createPlace();
  const app = await appOf(place, startServer(place), differences);
  const call = await injectorOf(app);
  const create = async (body: object = { template_name: 'base' }) => (await call('POST', '/v1/sandboxes', body)).body;
  return { place, app, call, create, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

async function expectError(answer: Awaited<ReturnType<Inject>>, status: number, code: string) {
  const body = controlErrorSchema.parse(answer.body);
  expect({ status: answer.status, code: body.code, inside: body.error.code }).toEqual({ status, code, inside: code });
  expect(body.request_id).toBe(answer.headers['x-request-id']);
  expect(body.error.message).toBe(body.message);
  return body;
}

test('a new sandbox says where it is and how to get in, and is then there by its id', async () => {
  await using opened = await open();
  const { status, body } = await opened.call('POST', '/v1/sandboxes', { template_name: 'code-interpreter', timeout_seconds: 600, env_vars: { A: '1' } });
  expect(status).toBe(201);
  expect(createReply.parse(body)).toEqual(body);
  expect(body).toMatchObject({ status: 'running', public_host: 'http://localhost:80', template_id: 'code-interpreter', timeout_seconds: 600 });
  expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(600_000);
  expect(Date.parse(body.token_expires_at)).toBeGreaterThan(Date.now() + 24 * 3600_000);
  const { auth_token, token_expires_at, ...sandbox } = body;
  const found = await opened.call('GET', `/v1/sandboxes/${body.id}`);
  expect(found).toMatchObject({ status: 200, body: sandbox });
  expect(sandboxSchema.parse(found.body)).toEqual(found.body);
  const inside = injectorWith(opened.app, auth_token);
  expect((await inside('GET', '/env')).body.env_vars).toEqual({ ...INITIAL_ENVIRONMENT, A: '1' });
  expect(token_expires_at).toBeDefined();
});

test('one without a time-out ends never', async () => {
  await using opened = await open();
  expect(await opened.create()).toMatchObject({ timeout_seconds: null, expires_at: null, internet_access: false });
});

test.each([
  { wish: {}, offers: true, has: false },
  { wish: { internet_access: false }, offers: true, has: false },
  { wish: { internet_access: true }, offers: false, has: false },
  { wish: { internet_access: true }, offers: true, has: true },
])('of internet access it says what it has: $has with the wish $wish where it is offered: $offers', async ({ wish, offers, has }) => {
  await using opened = await open({ offersInternet: () => offers });
  const { id, internet_access } = await opened.create({ template_name: 'base', ...wish });
  const [listed] = (await opened.call('GET', '/v1/sandboxes')).body.data;
  const found = (await opened.call('GET', `/v1/sandboxes/${id}`)).body;
  expect([internet_access, found.internet_access, listed.internet_access]).toEqual([has, has, has]);
});

test('bad wishes are refused in the shape of the control plane', async () => {
  await using opened = await open();
  const body = await expectError(await opened.call('POST', '/v1/sandboxes', { template_name: 'desktop' }), 404, 'RESOURCE_NOT_FOUND');
  // The JS SDK takes a 404 with these words for a missing file.
  expect(body.message).not.toContain('not found');
  for (const wrong of [{ timeout_seconds: 0 }, { timeout_seconds: 1.5 }, { region: 'a b' }, { env_vars: { A: 1 } }, { internet_access: 'yes' }]) {
    await expectError(await opened.call('POST', '/v1/sandboxes', { template_name: 'base', ...wrong }), 400, 'INVALID_REQUEST');
  }
  expect((await opened.call('GET', '/v1/sandboxes')).body.data).toEqual([]);
});

test('the list has pages and filters, and only the tenant’s own', async () => {
  await using opened = await open();
  const ids = [];
  for (const region of ['eu', 'us', 'eu']) ids.push((await opened.create({ template_name: 'base', region })).id);
  await (await injectorOf(opened.app, 'globex'))('POST', '/v1/sandboxes', { template_name: 'base' });
  const list = async (query: string) => (await opened.call('GET', `/v1/sandboxes?${query}`)).body;
  const first = await list('limit=2');
  expect(sandboxListReply.parse(first)).toEqual(first);
  expect(first.has_more).toBe(true);
  const second = await list(`limit=2&cursor=${first.next_cursor}`);
  expect(second).toMatchObject({ has_more: false, next_cursor: null });
  expect([...first.data, ...second.data].map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
  expect((await list('region=eu')).data).toHaveLength(2);
  expect((await list('status=running')).data).toHaveLength(3);
  expect((await list('status=paused')).data).toEqual([]);
  expect((await list('status=stopped')).data).toEqual([]);
});

test('a refreshed token works, and so do those before it', async () => {
  await using opened = await open();
  const { id, auth_token } = await opened.create();
  const { status, body } = await opened.call('POST', `/v1/sandboxes/${id}/token/refresh`);
  expect({ status, keys: Object.keys(body) }).toEqual({ status: 200, keys: ['auth_token', 'token_expires_at'] });
  for (const token of [auth_token, body.auth_token]) expect((await injectorWith(opened.app, token)('GET', '/execute/processes')).status).toBe(200);
});

test('a new time-out counts from now', async () => {
  await using opened = await open();
  const { id } = await opened.create();
  const { status, body } = await opened.call('PUT', `/v1/sandboxes/${id}/timeout`, { timeout_seconds: 3600 });
  expect({ status, timeout: body.timeout_seconds }).toEqual({ status: 200, timeout: 3600 });
  expect(Math.abs(Date.parse(body.expires_at) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  await expectError(await opened.call('PUT', `/v1/sandboxes/${id}/timeout`, { timeout_seconds: -1 }), 400, 'INVALID_REQUEST');
});

test('a paused sandbox says so, is listed so, and goes on when it is resumed', async () => {
  await using opened = await open();
  const { id } = await opened.create();
  expect(await opened.call('POST', `/v1/sandboxes/${id}/pause`)).toMatchObject({ status: 200, body: { id, status: 'paused' } });
  expect((await opened.call('GET', `/v1/sandboxes/${id}`)).body.status).toBe('paused');
  expect((await opened.call('GET', '/v1/sandboxes?status=paused')).body.data).toHaveLength(1);
  expect((await opened.call('GET', '/v1/sandboxes?status=running')).body.data).toEqual([]);
  expect(await opened.call('POST', `/v1/sandboxes/${id}/resume`)).toMatchObject({ status: 200, body: { id, status: 'running' } });
});

test('a deleted sandbox is gone for its key and for its token', async () => {
  await using opened = await open();
  const { id, auth_token } = await opened.create();
  expect(await opened.call('DELETE', `/v1/sandboxes/${id}`)).toMatchObject({ status: 200, body: { id, status: 'deleted' } });
  const { message } = await expectError(await opened.call('GET', `/v1/sandboxes/${id}`), 404, 'SANDBOX_NOT_FOUND');
  // By these words the JS SDK tells that a sandbox is gone.
  expect(message).toMatch(/sandbox.*not found/i);
  await expectError(await opened.call('DELETE', `/v1/sandboxes/${id}`), 404, 'SANDBOX_NOT_FOUND');
  await expectError(await opened.call('POST', `/v1/sandboxes/${id}/token/refresh`), 404, 'SANDBOX_NOT_FOUND');
  const inside = injectorWith(opened.app, auth_token);
  for (const path of ['/execute/processes', '/env'])
    expect(await inside('GET', path)).toMatchObject({ status: 410, body: { code: 'SANDBOX_EXPIRED', sandbox_id: id } });
  expect((await inside('POST', '/execute/background', { code: 'true', language: 'bash' })).status).toBe(410);
});

test('one whose time is over is refused at once, whenever it is removed', async () => {
  await using opened = await open();
  const { id, auth_token, created_at } = await opened.create({ template_name: 'base', timeout_seconds: 60 });
  await opened.place.sandboxes.update('acme', id, () => ({ expiresAt: Date.now() - 1 }));
  expect(await injectorWith(opened.app, auth_token)('GET', '/env')).toMatchObject({ status: 410, body: { code: 'SANDBOX_EXPIRED', created_at } });
  const gone = await opened.call('GET', `/v1/sandboxes/${id}`);
  await expectError(gone, 410, 'SANDBOX_EXPIRED');
  expect(gone.body).toMatchObject({ sandbox_id: id, status: 'expired', created_at, expires_at: expect.any(String) });
  expect((await opened.call('GET', '/v1/sandboxes')).body.data).toEqual([]);
});

test("another tenant's sandbox is not there, whatever is asked of it", async () => {
  await using opened = await open();
  const { id } = await opened.create();
  const other = await injectorOf(opened.app, 'globex');
  await expectError(await other('GET', `/v1/sandboxes/${id}`), 404, 'SANDBOX_NOT_FOUND');
  await expectError(await other('DELETE', `/v1/sandboxes/${id}`), 404, 'SANDBOX_NOT_FOUND');
  await expectError(await other('POST', `/v1/sandboxes/${id}/token/refresh`), 404, 'SANDBOX_NOT_FOUND');
  await expectError(await other('PUT', `/v1/sandboxes/${id}/timeout`, { timeout_seconds: 9 }), 404, 'SANDBOX_NOT_FOUND');
  for (const action of ['pause', 'resume']) await expectError(await other('POST', `/v1/sandboxes/${id}/${action}`), 404, 'SANDBOX_NOT_FOUND');
  const inside = await injectorOf(opened.app, 'globex', id);
  expect(await inside('GET', '/execute/processes')).toMatchObject({ status: 410 });
});

test("a sandbox's own token does not reach the control plane", async () => {
  await using opened = await open();
  const { id, auth_token } = await opened.create();
  const inside = injectorWith(opened.app, auth_token);
  await expectError(await inside('GET', '/v1/sandboxes'), 403, 'FORBIDDEN');
  await expectError(await inside('DELETE', `/v1/sandboxes/${id}`), 403, 'FORBIDDEN');
});

test('the default sandbox can be entered by its id, and is the same from both sides', async () => {
  await using opened = await open();
  await opened.call('PUT', '/env', { env_vars: { A: '1' } });
  const [{ id, name }] = (await opened.call('GET', '/v1/sandboxes')).body.data;
  expect(name).toBe('default');
  const { auth_token } = (await opened.call('POST', `/v1/sandboxes/${id}/token/refresh`)).body;
  expect((await injectorWith(opened.app, auth_token)('GET', '/env')).body.env_vars).toEqual({ A: '1' });
});
