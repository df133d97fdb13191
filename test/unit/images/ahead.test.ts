import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readCatalog } from '../../../src/images/catalog.ts';
import { PROJECT_ROOT } from '../../../src/version.ts';

it('what the python image starts ahead is what a plain job of its language runs, with its environment', () => {
  const { run, env } = readCatalog(`${PROJECT_ROOT}/images`).find(({ language }) => language.name === 'python')?.language ?? {};
  const [command, ...variables] = readFileSync(`${PROJECT_ROOT}/images/python/ahead/start`, 'utf8').trimEnd().split('\n');
  expect(command).toBe(run?.join(' '));
  expect(variables).toEqual(Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`));
});
