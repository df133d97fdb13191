import { expect, it } from 'vitest';
import { readInstance } from '../../src/instance.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('an instance is made once for a data folder, and is another for another folder', async () => {
  await using one = await tempFolder();
  await using other = await tempFolder();
  const instance = readInstance(one.path);
  expect(instance).toMatch(/^inst_[\w-]{22}$/);
  expect(readInstance(one.path)).toBe(instance);
  expect(readInstance(other.path)).not.toBe(instance);
});
