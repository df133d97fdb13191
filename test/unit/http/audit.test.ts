import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { createAudit } from '../../../src/compose/audit.ts';
import type { AppDependencies } from '../../../src/http/app.ts';
import type { AuditEntry } from '../../../src/http/audit.ts';
import { mintToken } from '../../../src/http/auth.ts';
import { appOf, JWT_SECRET } from '../../support/app.ts';
import { createPlace, startServer, untilOver } from '../../support/place.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';

const SECRETS = { code: 'echo code-secret', env: { KEY: 'env-secret' } };

async function open(differences: Partial<AppDependencies> = {}) {
  const place = await createPlace();
  const entries: AuditEntry[] = [];
  const app = await appOf(place, startServer(place), { audit: (entry) => void entries.push(entry), ...differences });
  const token = await mintToken(JWT_SECRET, { tenant: 'acme', sandbox: 'ci', scopes: ['processes:read', 'processes:write'], ttlSeconds: 60 });
  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, options: InjectOptions = {}) {
    const response = await app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...options });
    return { status: response.statusCode, requestId: String(response.headers['x-request-id']), body: response.json() };
  }
  return { place, app, token, entries, call, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

describe('the audit log', () => {
  it('says who did what, when, from where, and what came of it', async () => {
    await using opened = await open();
    const { requestId, body } = await opened.call('POST', '/execute/background', { payload: { ...SECRETS, language: 'bash' } });
    expect(opened.entries).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        request_id: requestId,
        tenant: 'acme',
        sandbox: 'ci',
        subject: null,
        credential: 'token',
        action: 'POST /execute/background',
        target: null,
        address: '127.0.0.1',
        status: 200,
        code: null,
      },
    ]);
    const record = await opened.call('GET', `/execute/processes/${body.process_id}`);
    expect(record.body.request_id).toBe(requestId);
    await untilOver(opened.place, { id: body.process_id });
  });

  it.each([
    ['POST /execute/kill/proc_x', {}, { action: 'POST /execute/kill/:process_id', target: 'proc_x', status: 404, code: 'RESOURCE_NOT_FOUND' }],
    [
      'DELETE /execute/kill',
      { payload: { process_id: 'proc_y' } },
      { action: 'DELETE /execute/kill', target: 'proc_y', status: 404, code: 'RESOURCE_NOT_FOUND' },
    ],
    ['DELETE /execute/kill?process_id=proc_z', {}, { action: 'DELETE /execute/kill', target: 'proc_z', status: 404, code: 'RESOURCE_NOT_FOUND' }],
    [
      'DELETE /execute/kill',
      { payload: { process_id: { secret: 1 } } },
      { action: 'DELETE /execute/kill', target: null, status: 400, code: 'INVALID_REQUEST' },
    ],
    ['POST /execute/background', { payload: { code: 5 } }, { action: 'POST /execute/background', target: null, status: 400, code: 'INVALID_REQUEST' }],
    ['POST /v1/sandboxes', { payload: { template_name: 'base' } }, { action: 'POST /v1/sandboxes', target: null, status: 403, code: 'FORBIDDEN' }],
    ['GET /v1/sandboxes', {}, { action: 'GET /v1/sandboxes', target: null, status: 403, code: 'FORBIDDEN' }],
    ['DELETE /env/KEY', {}, { action: 'DELETE /env/:key', target: 'KEY', status: 200, code: null }],
  ])('has %s, by its route and not by its words', async (line, options, expected) => {
    await using opened = await open();
    const [method, url] = line.split(' ') as ['POST', string];
    await opened.call(method, url, options);
    expect(opened.entries).toMatchObject([{ tenant: 'acme', ...expected }]);
  });

  it.each([
    ['no token', {}, 'AUTHENTICATION_REQUIRED'],
    ['a bad token', { authorization: 'Bearer token-secret' }, 'INVALID_TOKEN'],
    ['a bad key', { 'x-api-key': 'token-secret' }, 'INVALID_TOKEN'],
  ])('has a refusal of %s, also of a call that only reads', async (_title, headers, code) => {
    await using opened = await open();
    await opened.call('GET', '/execute/processes?cursor=token-secret', { headers });
    expect(opened.entries).toMatchObject([{ tenant: null, subject: null, credential: null, action: 'GET /execute/processes', status: 401, code }]);
    expect(JSON.stringify(opened.entries)).not.toContain('token-secret');
  });

  it('has nothing of calls that only read, and never code, environment or token', async () => {
    await using opened = await open();
    await opened.call('GET', '/execute/processes');
    await opened.call('GET', '/quota');
    expect(opened.entries).toEqual([]);
    await opened.call('POST', '/execute', { payload: { ...SECRETS, language: 'bash' } });
    await opened.call('PUT', '/env', { payload: { env_vars: SECRETS.env } });
    expect(opened.entries).toHaveLength(2);
    for (const secret of ['code-secret', 'env-secret', opened.token]) expect(JSON.stringify(opened.entries)).not.toContain(secret);
  });

  it.each([
    ['a stranger', [], '127.0.0.1'],
    ['a trusted proxy', ['127.0.0.0/8'], '203.0.113.7'],
  ])('takes the word of %s for where a call comes from as far as it goes', async (_title, trustedProxies, address) => {
    await using opened = await open({ trustedProxies });
    await opened.call('DELETE', '/env', { headers: { authorization: `Bearer ${opened.token}`, 'x-forwarded-for': '203.0.113.7' } });
    expect(opened.entries).toMatchObject([{ address }]);
  });
});

describe('where it is kept', () => {
  const entry = { action: 'POST /x' } as AuditEntry;
  const createLog = () => {
    const said: unknown[][] = [];
    const note = (...words: unknown[]) => void said.push(words);
    return { said, info: note, warn: note, error: note };
  };

  it('is a file of JSON lines for its owner only, which goes on where it was', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'logs', 'audit.jsonl');
    for (const action of ['POST /one', 'POST /two']) createAudit(path, createLog())({ ...entry, action });
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ action: 'POST /one' }, { action: 'POST /two' }]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is the log where no file is configured', () => {
    const log = createLog();
    createAudit(undefined, log)(entry);
    expect(log.said).toEqual([[{ audit: entry }, 'audit']]);
  });

  it('is told in the log when it cannot be written, and nothing else fails', async () => {
    const log = createLog();
    createAudit('/dev/full', log)(entry);
    await until(() => log.said.length > 0, 'the complaint');
    expect(log.said[0]?.[1]).toMatch(/cannot be written/);
  });
});
