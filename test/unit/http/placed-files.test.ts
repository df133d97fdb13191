import { expect, test } from 'vitest';
import { placedFile } from '../../../src/http/placed-files.ts';

const content = Buffer.from('x');

test.each([
  ['data.csv', '/workspace/a/data.csv'],
  ['sub/data.csv', '/workspace/a/sub/data.csv'],
  ['/workspace/data.csv', '/workspace/data.csv'],
  ['/tmp/x', '/tmp/x'],
  ['...', '/workspace/a/...'],
  ['ä b', '/workspace/a/ä b'],
])('%s goes to %s', (path, place) => {
  expect(placedFile(path, content, '/workspace/a')).toEqual({ path: place, content });
});

test.each([
  '',
  'a/',
  '/etc/passwd',
  '/workspace',
  '/tmp',
  '/',
  '../x',
  'a/../../x',
  '/workspace/../etc/x',
  'a\nb',
  'a\0b',
  '\ud800',
  `/tmp/${'x'.repeat(4096)}`,
])('%j is refused, with the field', (path) => {
  expect(() => placedFile(path, content, '/workspace')).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringMatching(/^files: /) }),
  );
});

test('a relative path in a working directory that is elsewhere leads elsewhere', () => {
  expect(() => placedFile('x', content, '/usr')).toThrow('/workspace or /tmp');
});
