import { expect, test } from 'vitest';
import { INITIAL_ENVIRONMENT } from '../../../../src/sandbox/environment.ts';
import { appOf, injectorOf } from '../../../support/app.ts';
import { createPlace, startServer } from '../../../support/place.ts';

async function open() {
  const place = await createPlace();
  const app = await appOf(place, startServer(place));
  const call = await injectorOf(app);
  const variables = async () => (await call('GET', '/env')).body['env_vars'];
  return { app, call, variables, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('a sandbox shows what it has at first, also before its first use', async () => {
  await using opened = await open();
  expect(await opened.variables()).toEqual(INITIAL_ENVIRONMENT);
});

test('PUT replaces, PATCH adds, DELETE takes one or all away, and each answers with what there is then', async () => {
  await using opened = await open();
  const { call, variables } = opened;
  expect(await call('PUT', '/env', { env_vars: { A: '1', B: '2' } })).toMatchObject({ status: 200, body: { env_vars: { A: '1', B: '2' }, count: 2 } });
  expect((await call('PATCH', '/env', { env_vars: { B: '3', C: '4' }, merge: true })).body).toMatchObject({ env_vars: { A: '1', B: '3', C: '4' } });
  expect((await call('PATCH', '/env', { env_vars: { D: 'secret' } })).body).toMatchObject({ count: 4 });
  expect((await call('DELETE', '/env/A')).body).toMatchObject({ env_vars: { B: '3', C: '4', D: 'secret' } });
  expect(await variables()).toEqual({ B: '3', C: '4', D: 'secret' });
  expect((await call('PATCH', '/env', { env_vars: { E: '5' }, merge: false })).body['env_vars']).toEqual({ E: '5' });
  expect(await call('DELETE', '/env')).toMatchObject({ status: 200, body: { env_vars: {}, count: 0 } });
  expect(await variables()).toEqual({});
});

test('a sandbox has its own, and so has a tenant', async () => {
  await using opened = await open();
  await opened.call('PUT', '/env', { env_vars: { A: '1' } });
  for (const other of [await injectorOf(opened.app, 'acme', 'other'), await injectorOf(opened.app, 'globex')]) {
    expect((await other('GET', '/env')).body['env_vars']).toEqual(INITIAL_ENVIRONMENT);
  }
});

test.each([
  ['no variables', {}],
  ['a value that is no text', { env_vars: { A: 1 } }],
  ['a name with an equals sign', { env_vars: { 'A=B': '1' } }],
  ['too many', { env_vars: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`V${index}`, ''])) }],
])('%s is refused and changes nothing', async (_name, body) => {
  await using opened = await open();
  expect((await opened.call('PUT', '/env', body)).status).toBe(400);
  expect((await opened.call('PATCH', '/env', body)).status).toBe(400);
  expect(await opened.variables()).toEqual(INITIAL_ENVIRONMENT);
});

test('what would grow too large by a merge is refused', async () => {
  await using opened = await open();
  const half = 'x'.repeat(70_000);
  expect((await opened.call('PATCH', '/env', { env_vars: { A: half } })).status).toBe(200);
  expect(await opened.call('PATCH', '/env', { env_vars: { B: half } })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
});
