import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/engine/container-engine.ts';
import { createPool } from '../../../src/engine/pool.ts';
import { warmingSandboxes } from '../../../src/execution/warm-sandbox.ts';
import { createLanguageRegistry } from '../../../src/languages/registry.ts';
import { ON_FIRST_USE } from '../../../src/sandbox/sandbox.ts';
import { createPlace, LIMITS } from '../../support/place.ts';
import { until } from '../../support/until.ts';

const language = (name: string) => ({ name, version: '1', aliases: [], image: name, file: '/tmp/main', compile: [], run: [name], show: [], env: {} });

test.each([
  { template: 'code-interpreter', image: 'python', internetAccess: false, network: {} },
  { template: 'bash', image: 'bash', internetAccess: true, network: { network: 'internet' } },
])('a sandbox made from $template has a container of $image ready for its first process', async ({ template, image, internetAccess, network }) => {
  const made: ContainerSpec[] = [];
  await using place = await createPlace((spec) => {
    made.push(spec);
    return {};
  });
  const pool = createPool({ engine: place.engine, mostPerSandbox: 1, room: () => 1 });
  const languages = createLanguageRegistry([language('python'), language('bash')]);
  const sandboxes = warmingSandboxes({ sandboxes: place.sandboxes, pool, languages, usual: LIMITS, runtime: null });
  const sandbox = await sandboxes.create('acme', { ...ON_FIRST_USE, template, internetAccess, limits: { memoryBytes: 5 } }, 10);
  await until(() => made.length === 1, 'a container to be made');
  const limits = { ...LIMITS, memoryBytes: 5 };
  expect(made).toEqual([{ scope: sandbox.scope, image, sandboxId: sandbox.id, uid: sandbox.uid, limits, runtime: null, ...network }]);
  await pool.close();
});
