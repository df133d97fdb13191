import { expect, test } from 'vitest';
import { mintToken } from '../../../src/http/auth.ts';
import { appOf, JWT_SECRET } from '../../support/app.ts';
import { createPlace, startServer } from '../../support/place.ts';

const part = '--b\r\nContent-Disposition: form-data; name="path"\r\n\r\n/workspace/a\r\n';

test.each([
  ['no boundary', 'multipart/form-data', '{}'],
  ['an empty boundary', 'multipart/form-data; boundary=', part],
  ['another boundary', 'multipart/form-data; boundary=c', part],
  ['no end', 'multipart/form-data; boundary=b', part],
  ['half a part', 'multipart/form-data; boundary=b', part.slice(0, 30)],
  ['nothing in it', 'multipart/form-data; boundary=b', '--b--\r\n'],
  ['headers that are none', 'multipart/form-data; boundary=b', '--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n'],
  ['a header without end', 'multipart/form-data; boundary=b', `--b\r\nContent-Disposition: ${'x'.repeat(100_000)}`],
  ['another type of parts', 'multipart/mixed; boundary=b', part],
])('a form with %s is refused as one that is wrong', async (_title, contentType, payload) => {
  await using place = await createPlace();
  const app = await appOf(place, startServer(place));
  const authorization = `Bearer ${await mintToken(JWT_SECRET, { tenant: 'acme', ttlSeconds: 60 })}`;
  const response = await app.inject({ method: 'POST', url: '/files/upload', headers: { authorization, 'content-type': contentType }, payload });
  expect({ status: response.statusCode, ...response.json() }).toMatchObject({ status: expect.toSatisfy((status) => status === 400 || status === 415) });
  expect(response.json().code).toMatch(/INVALID_REQUEST|MISSING_PARAMETER/);
});
