import { expect, test } from 'vitest';
import { toWish } from '../../../src/http/sandbox-wish.ts';
import { createBody } from '../../../src/http/schemas/sandboxes.ts';
import { INITIAL_ENVIRONMENT } from '../../../src/sandbox/environment.ts';
import { templatesOf } from '../../../src/sandbox/templates.ts';
import { LANGUAGES, LIMITS } from '../../support/place.ts';

const offer = { templates: templatesOf(LANGUAGES.all), limits: LIMITS };
const wish = (body: object) => toWish(createBody.parse(body), offer);

test('what is not asked for is as for a sandbox made on first use', () => {
  expect(wish({ template_name: 'base' })).toEqual({
    template: 'base',
    region: 'local',
    env: INITIAL_ENVIRONMENT,
    internetAccess: false,
    limits: {},
    timeoutSeconds: null,
  });
});

test('everything that is asked for is wished for', () => {
  const body = {
    template_id: 'bash',
    region: 'moon',
    timeout_seconds: 60,
    internet_access: true,
    env_vars: { A: '1' },
    resources: { vcpu: 0.5, memory_mb: 32 },
  };
  expect(wish(body)).toEqual({
    template: 'bash',
    region: 'moon',
    env: { ...INITIAL_ENVIRONMENT, A: '1' },
    internetAccess: true,
    limits: { cpus: 0.5, memoryBytes: 32 * 1024 * 1024 },
    timeoutSeconds: 60,
  });
});

test('a template that there is not is named, with those that there are', () => {
  expect(() => wish({ template_name: 'desktop' })).toThrow(/No such template: desktop\. Use one of: code-interpreter, base, bash/);
  expect(() => wish({ template_id: 73 })).toThrow(/No such template: 73/);
});

test.each([{ vcpu: 2 }, { memory_mb: 65 }])('more than the server gives is refused: %j', (resources) => {
  expect(() => wish({ resources })).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringContaining('at most 1 vcpu and 64') }));
});
