import { expect, test } from 'vitest';
import { templateSchema, templatesReply } from '../../../../src/http/schemas/templates.ts';
import { appOf, injectorOf } from '../../../support/app.ts';
import { createPlace, startServer } from '../../../support/place.ts';

async function open() {
  const place = await createPlace();
  return { call: await injectorOf(await appOf(place, startServer(place))), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test('templates are listed, filtered and found by name', async () => {
  await using opened = await open();
  const { body } = await opened.call('GET', '/v1/templates');
  expect(templatesReply.parse(body)).toEqual(body);
  expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['code-interpreter', 'base', 'bash']);
  expect((await opened.call('GET', '/v1/templates?category=language&language=sh')).body.data).toMatchObject([{ name: 'bash', id: 'bash', is_active: true }]);
  const one = await opened.call('GET', '/v1/templates/base');
  expect(templateSchema.parse(one.body)).toEqual(one.body);
  expect(one.body.default_resources).toEqual({ vcpu: 1, memory_mb: 64, disk_gb: 1024 });
});

test('an unknown one is 404, in words that no client takes for a missing file', async () => {
  await using opened = await open();
  const { status, body } = await opened.call('GET', '/v1/templates/desktop');
  expect({ status, code: body.code }).toEqual({ status: 404, code: 'RESOURCE_NOT_FOUND' });
  expect(body.message).toMatch(/^No such template: desktop/);
});

test.each([
  ['POST', '/v1/templates/build'],
  ['GET', '/v1/templates/build/bld_1/status'],
  ['GET', '/v1/templates/build/bld_1/logs'],
  ['POST', '/v1/templates/files/upload-link'],
  ['DELETE', '/v1/templates/base'],
] as const)('%s %s says that templates are not built here', async (method, path) => {
  await using opened = await open();
  expect(await opened.call(method, path)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', message: expect.stringContaining('language.json') } });
});
