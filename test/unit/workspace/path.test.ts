import { expect, test } from 'vitest';
import { plainPath } from '../../../src/workspace/path.ts';

test.each([
  ['/workspace', '/workspace'],
  ['/workspace/', '/workspace'],
  ['/workspace//a/./b/', '/workspace/a/b'],
  ['/workspace/a/../b', '/workspace/b'],
  ['/tmp/x', '/tmp/x'],
  ['/workspace/../tmp/x', '/tmp/x'],
  ['data.csv', '/workspace/data.csv'],
  ['./a b/é', '/workspace/a b/é'],
  ['/workspace/..a', '/workspace/..a'],
])('%s is %s', (asked, plain) => {
  expect(plainPath(asked)).toBe(plain);
});

test.each(['/', '/etc/passwd', '/workspace/../etc/passwd', '../etc', '/workspaces', '/tmpx', '/proc/self/environ', '/workspace/../../tmp/../root'])(
  '%s is not allowed',
  (path) => {
    expect(() => plainPath(path)).toThrow(expect.objectContaining({ code: 'PATH_NOT_ALLOWED', path }));
  },
);

test.each(['', '/workspace/\0', '/workspace/\ud800', `/workspace/${'x'.repeat(4_096)}`])('%j is no path', (path) => {
  expect(() => plainPath(path)).toThrow(expect.objectContaining({ code: 'INVALID_PATH' }));
});
