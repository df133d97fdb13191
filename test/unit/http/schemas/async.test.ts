import { expect, test } from 'vitest';
import { asyncBody } from '../../../../src/http/schemas/async.ts';

const body = { code: '1', callback_url: 'https://receiver.example/hook' };
const problems = (differences: object) => asyncBody.safeParse({ ...body, ...differences }).error?.issues.map(({ path }) => path[0]);

test('it takes what the SDK sends, and an hour when nothing is said', () => {
  expect(asyncBody.parse(body)).toMatchObject({ timeout: 3_600, callback_headers: null, callback_signature_secret: null, language: 'python' });
  const sent = {
    ...body,
    timeout: 1_800,
    workdir: '/workspace',
    callback_headers: { Authorization: 'Bearer x', 'X-My': 'a b' },
    callback_signature_secret: 's',
  };
  expect(asyncBody.parse(sent)).toMatchObject(sent);
});

test.each([
  undefined,
  '',
  'receiver',
  '/hook',
  'ftp://receiver.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'http://',
  'https://user:pass@receiver.example/',
  'https://user@receiver.example/',
  `https://receiver.example/${'x'.repeat(2_048)}`,
])('a callback_url of %j is refused', (callback_url) => {
  expect(problems({ callback_url })).toEqual(expect.arrayContaining(['callback_url']));
});

test.each([
  { Host: 'metadata' },
  { 'content-length': '0' },
  { 'Content-Type': 'text/plain' },
  { 'Transfer-Encoding': 'chunked' },
  { Connection: 'upgrade' },
  { 'Proxy-Authorization': 'x' },
  { 'X-HopX-Signature': 'sha256=forged' },
  { 'x-hopx-timestamp': '0' },
  { 'X-A': 'a\r\nHost: b' },
  { 'X-A': 'a\nb' },
  { 'X-A': 'a\0' },
  { 'X-A': 'é' },
  { 'X A': 'a' },
  { 'X-A:': 'a' },
  { '': 'a' },
  { 'X-A': 5 },
  { 'X-A': 'x'.repeat(9_000) },
  Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`X-${index}`, ''])),
])('callback_headers of %j are refused', (callback_headers) => {
  expect(problems({ callback_headers })).toEqual(expect.arrayContaining(['callback_headers']));
});
