import { expect, test } from 'vitest';
import { changeEnvironment, environmentBytes, MAX_ENVIRONMENT_BYTES, MAX_VARIABLES } from '../../../src/sandbox/environment.ts';

test.each([
  ['replaces all', { kind: 'replace', variables: { C: '3' } }, { C: '3' }],
  ['replaces all by nothing', { kind: 'replace', variables: {} }, {}],
  ['merges, the new value first', { kind: 'merge', variables: { B: '4', C: '3' } }, { A: '1', B: '4', C: '3' }],
  ['removes one', { kind: 'remove', name: 'A' }, { B: '2' }],
  ['removes one that is not there', { kind: 'remove', name: 'Z' }, { A: '1', B: '2' }],
  ['removes nothing that objects have by themselves', { kind: 'remove', name: 'toString' }, { A: '1', B: '2' }],
] as const)('%s', (_name, change, expected) => {
  expect(changeEnvironment({ A: '1', B: '2' }, change)).toEqual(expected);
});

test('counts names, values and what the kernel adds to them, in bytes', () => {
  expect(environmentBytes({ A: '€', BC: '' })).toBe(1 + 3 + 2 + 2 + 0 + 2);
});

test('refuses to grow over its limits, and says so', () => {
  const crowd = Object.fromEntries(Array.from({ length: MAX_VARIABLES }, (_, index) => [`V${index}`, '']));
  expect(changeEnvironment(crowd, { kind: 'merge', variables: { V0: 'x' } })).toMatchObject({ V0: 'x' });
  expect(() => changeEnvironment(crowd, { kind: 'merge', variables: { another: '' } })).toThrow(/256 variables or 128 KiB/);
  const half = 'x'.repeat(MAX_ENVIRONMENT_BYTES / 2);
  expect(() => changeEnvironment({ A: half }, { kind: 'merge', variables: { B: half } })).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
});
