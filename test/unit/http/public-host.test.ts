import { expect, test } from 'vitest';
import { publicHost } from '../../../src/http/public-host.ts';

test.each([
  ['127.0.0.1:7777', 'http://127.0.0.1:7777'],
  ['sandboxes.example.com', 'http://sandboxes.example.com'],
  ['[::1]:80', 'http://[::1]:80'],
  ['evil.example.com/path', 'http://127.0.0.1'],
  ['user@evil', 'http://127.0.0.1'],
  ['a\r\nX: y', 'http://127.0.0.1'],
  ['', 'http://127.0.0.1'],
])('%j is reached as %s', (host, expected) => {
  expect(publicHost({ protocol: 'http', host }, undefined)).toBe(expected);
});

test('what is configured counts before the way that was taken', () => {
  expect(publicHost({ protocol: 'http', host: 'inside:7777' }, 'https://outside.example.com')).toBe('https://outside.example.com');
});
