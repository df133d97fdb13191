import { access, rm } from 'node:fs/promises';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { mintToken } from '../../../src/http/auth.ts';
import { installUploads } from '../../../src/http/uploads.ts';
import { appOf, JWT_SECRET } from '../../support/app.ts';
import { createPlace, startServer } from '../../support/place.ts';
import { tempFolder } from '../../support/temp-folder.ts';

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

const big = 'x'.repeat(3_000_000);

test.each([
  ['a header without end', `--b\r\nContent-Disposition: ${big}`],
  ['a file after a bad header', `--b\r\nnonsense\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${big}\r\n--b--\r\n`],
  ['a file too many', `${filePart('a')}${filePart(big)}--b--\r\n`],
  ['a file too large', `${filePart(big)}--b--\r\n`],
  ['no boundary', `${filePart(big)}--b--\r\n`, 'multipart/form-data'],
  ['a field too large', `--b\r\nContent-Disposition: form-data; name="path"\r\n\r\n${big}\r\n--b--\r\n`],
])('after the refusal of a form with %s, what comes next on its connection is answered', async (_title, body, type = 'multipart/form-data; boundary=b') => {
  await using place = await createPlace();
  const app = await appOf(place, startServer(place));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const authorization = `Bearer ${await mintToken(JWT_SECRET, { tenant: 'acme', ttlSeconds: 60 })}`;
  const ask = async (path: string, method: string, sent = '') => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = { authorization, ...(sent ? { 'Content-Type': type, 'Content-Length': sent.length } : {}) };
    httpRequest(url + path, { method, headers, agent }, resolve)
      .on('error', reject)
      .end(sent);
    const answer = await promise;
    await text(answer);
    return answer.statusCode;
  };
  try {
    expect(await ask('/files/upload', 'POST', body)).toBeGreaterThanOrEqual(400);
    expect(await ask('/health', 'GET')).toBe(200);
    expect(await ask('/quota', 'GET')).toBe(200);
  } finally {
    agent.destroy();
    await app.close();
  }
});

function filePart(content: string): string {
  return `--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${content}\r\n`;
}

test('a form whose file nobody comes to read, and that is removed, breaks nothing', async () => {
  await using folder = await tempFolder();
  const app = fastify();
  const uploads = await installUploads(app, { folder: join(folder.path, 'uploads'), mostBytes: 1_000 });
  app.post('/', (request) =>
    uploads.receive(request, async ({ open }) => {
      await rm(folder.path, { recursive: true });
      open();
      return 'refused';
    }),
  );
  const broken: unknown[] = [];
  const note = (error: unknown) => void broken.push(error);
  process.on('uncaughtException', note);
  const payload = `${filePart('a')}--b--\r\n`;
  const response = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'multipart/form-data; boundary=b' }, payload });
  expect(response.body).toBe('refused');
  // More than can be under way at once: what was asked of the disk before has been answered then.
  for (let looks = 0; looks < 16; looks += 1) await access(folder.path).catch(() => undefined);
  process.off('uncaughtException', note);
  expect(broken).toEqual([]);
});
