import { createHmac } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifiers } from '../../../src/http/auth/verifiers.ts';
import { mintToken, requireToken, type TokenRequest } from '../../../src/http/auth.ts';
import { installErrorHandlers } from '../../../src/http/errors.ts';
import type { Caller } from '../../../src/tenancy/caller.ts';

const SECRET = 'the secret of this server, 32 bytes or more';
const inAnHour = Math.floor(Date.now() / 1000) + 3600;

let app: FastifyInstance;

beforeAll(async () => {
  app = Fastify();
  app.setSerializerCompiler(() => JSON.stringify);
  installErrorHandlers(app);
  await app.register(async (guarded) => {
    requireToken(guarded, [
      ...createVerifiers({ secret: SECRET, tenantClaims: ['tenant', 'sub'] }),
      async (token) => (token === 'key_globex' ? GLOBEX : undefined),
    ]);
    guarded.get('/me', { config: { scope: 'any' } }, async ({ caller, scope }) => ({ ...caller, scopes: [...caller.scopes], scope }));
    guarded.post('/write', { config: { scope: 'processes:write' } }, async () => ({ done: true }));
  });
});
afterAll(() => app.close());

const GLOBEX: Caller = { tenant: 'globex', sandbox: 'default', scopes: new Set(['files']), subject: 'key_1', credential: 'api_key' };

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function ask(headers: Record<string, string>, path = '/me') {
  const response = await app.inject({ method: path === '/me' ? 'GET' : 'POST', url: path, headers, ...(path === '/me' ? {} : { payload: '{not json' }) });
  return { status: response.statusCode, body: response.json() };
}

const mint = (differences: Partial<TokenRequest> = {}) => mintToken(SECRET, { tenant: 'acme', ttlSeconds: 3600, ...differences });

/** As a host that knows the secret signs. */
const sign = (claims: object, { alg = 'HS256', key = SECRET }: { alg?: string; key?: string } = {}) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(new TextEncoder().encode(key));

const part = (value: object | Buffer) => Buffer.from(Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url');

/** Signed with the secret, whatever is in it. */
function signAnything(claims: object | Buffer, header: object = { alg: 'HS256' }): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

describe('a good token', () => {
  it('of our own says tenant, sandbox and scopes', async () => {
    const { status, body } = await ask(bearer(await mint({ sandbox: 'sbx-1', scopes: ['files', 'admin'] })));
    expect(status).toBe(200);
    expect(body).toEqual({
      tenant: 'acme',
      sandbox: 'sbx-1',
      scopes: ['files', 'admin'],
      subject: null,
      credential: 'token',
      scope: { tenant: 'acme', sandbox: 'sbx-1' },
    });
  });

  it.each([
    ['tenant', { tenant: 'acme' }, { tenant: 'acme', subject: null }],
    ['sub in its place', { sub: 'acme' }, { tenant: 'acme', subject: 'acme' }],
    ['tenant before sub', { tenant: 'acme', sub: 'user@1' }, { tenant: 'acme', subject: 'user@1' }],
    ['a scope', { tenant: 'acme', scope: 'files' }, { scopes: ['files'] }],
    ['a list of scopes', { tenant: 'acme', scopes: ['files'] }, { scopes: ['files'] }],
    ['a list named as some providers do', { tenant: 'acme', scp: ['files'] }, { scopes: ['files'] }],
    ['a time before which it does not count, in the other clock', { tenant: 'acme', nbf: Math.floor(Date.now() / 1000) + 2 }, { tenant: 'acme' }],
  ])('of a host with the secret may say %s', async (_title, claims, expected) => {
    expect(await ask(bearer(await sign({ exp: inAnHour, ...claims })))).toMatchObject({ status: 200, body: expected });
  });

  it.each(['bearer', 'BEARER', 'Bearer '])('is taken after "%s"', async (scheme) => {
    expect((await ask({ authorization: `${scheme} ${await mint()}` })).status).toBe(200);
  });

  it('is taken from X-API-Key too, and Authorization comes first', async () => {
    expect(await ask({ 'x-api-key': 'key_globex' })).toMatchObject({ body: { tenant: 'globex', credential: 'api_key' } });
    expect(await ask(bearer('key_globex'))).toMatchObject({ body: { tenant: 'globex' } });
    expect(await ask({ ...bearer(await mint()), 'x-api-key': 'key_globex' })).toMatchObject({ body: { tenant: 'acme' } });
  });
});

describe('a bad one', () => {
  const GOOD = { tenant: 'acme', exp: inAnHour };

  it('is told from one that differs in nothing else', async () => {
    expect(await ask(bearer(signAnything(GOOD)))).toMatchObject({ status: 200 });
  });

  const bad: [string, () => string | Promise<string>][] = [
    ['garbage', () => 'garbage'],
    ['an unknown key', () => 'key_other'],
    ['no algorithm', () => `${part({ alg: 'none' })}.${part({ tenant: 'acme', exp: inAnHour })}.`],
    ['no algorithm, of our own', () => `${part({ alg: 'none' })}.${part({ iss: 'coracle', tenant: 'acme', exp: inAnHour })}.`],
    ['another algorithm', () => sign({ tenant: 'acme', exp: inAnHour }, { alg: 'HS512' })],
    ['another secret', () => sign({ tenant: 'acme', exp: inAnHour }, { key: 'x'.repeat(32) })],
    ['another secret, of our own', () => mintToken('x'.repeat(32), { tenant: 'acme', ttlSeconds: 60 })],
    ['a changed signature', async () => `${(await mint()).slice(0, -4)}AAAA`],
    [
      'a changed payload',
      async () =>
        (await mint())
          .split('.')
          .with(1, part({ tenant: 'globex', exp: inAnHour }))
          .join('.'),
    ],
    ['no end', () => sign({ tenant: 'acme' })],
    ['an end that is no number', () => sign({ tenant: 'acme', exp: 'never' })],
    ['a time before which it does not count', () => sign({ tenant: 'acme', exp: inAnHour, nbf: inAnHour - 60 })],
    ['critical headers', () => `${part({ alg: 'HS256', crit: ['x'], x: 1 })}.${part({ tenant: 'acme', exp: inAnHour })}.AAAA`],
    ['headers that are critical by none', () => signAnything(GOOD, { alg: 'HS256', crit: null })],
    ['headers that are critical by no list', () => signAnything(GOOD, { alg: 'HS256', crit: '' })],
    ['headers that are critical by an empty list', () => signAnything(GOOD, { alg: 'HS256', crit: [] })],
    ['a critical payload that is not encoded', () => signAnything(GOOD, { alg: 'HS256', crit: ['b64'], b64: false })],
    ['a list of algorithms', () => signAnything(GOOD, { alg: ['HS256'] })],
    ['an algorithm in other letters', () => signAnything(GOOD, { alg: 'hs256' })],
    ['headers without an algorithm', () => signAnything(GOOD, {})],
    ['headers in a list', () => signAnything(GOOD, [{ alg: 'HS256' }])],
    ['claims in a list', () => signAnything([GOOD])],
    ['claims that are not UTF-8', () => signAnything(Buffer.from(JSON.stringify({ ...GOOD, sub: '\xff' }), 'latin1'))],
    ['an end that is nothing', () => signAnything({ ...GOOD, exp: null })],
    ['an end that is digits', () => signAnything({ ...GOOD, exp: String(inAnHour) })],
    ['a list of ends', () => signAnything({ ...GOOD, exp: [inAnHour] })],
    ['an end before all dates', () => signAnything({ ...GOOD, exp: -1e300 })],
    ['a beginning after all dates', () => signAnything({ ...GOOD, nbf: 1e300 })],
    ['a beginning that is digits', () => signAnything({ ...GOOD, nbf: '1' })],
    ['a time of issue that is digits', () => signAnything({ ...GOOD, iat: '1' })],
    ['an end that has come, and a time of issue that is digits', () => signAnything({ ...GOOD, iat: '1', exp: 1 })],
    ['a padded signature', () => `${signAnything(GOOD)}=`],
    ['no signature', () => signAnything(GOOD).replace(/[^.]+$/, '')],
    ['two signatures', () => `${signAnything(GOOD)}.AAAA`],
    ['9 KB', () => 'x'.repeat(9_000)],
    ['200 KB', () => 'x'.repeat(200_000)],
  ];

  it.each(bad)('is INVALID_TOKEN, told nothing more: %s', async (_title, token) => {
    const message = 'The token cannot be used. Send one that this server trusts: signed, with exp, and for this issuer and audience.';
    expect(await ask(bearer(await token()))).toMatchObject({ status: 401, body: { code: 'INVALID_TOKEN', message, details: {} } });
  });

  it.each([
    ['Basic YTpi', 'INVALID_TOKEN'],
    ['Bearer', 'INVALID_TOKEN'],
    ['Bearer a b', 'INVALID_TOKEN'],
    ['key_globex', 'INVALID_TOKEN'],
    ['', 'AUTHENTICATION_REQUIRED'],
  ])('is refused by its header: "%s"', async (authorization, code) => {
    expect(await ask({ authorization })).toMatchObject({ status: 401, body: { code } });
  });

  it.each([
    ['nobody', {}, 'tenant or sub'],
    ['an empty tenant', { tenant: '' }, 'tenant'],
    ['a tenant with a space', { tenant: 'a b' }, 'tenant'],
    ['a tenant with a line end', { tenant: 'acme\n' }, 'tenant'],
    ['a tenant of 129 characters', { tenant: 'x'.repeat(129) }, 'tenant'],
    ['several tenants', { tenant: ['acme'] }, 'tenant'],
    ['no tenant but null', { tenant: null, sub: 'acme' }, 'tenant'],
    ['a sandbox that climbs', { tenant: 'acme', sandbox: '../x' }, 'sandbox'],
    ['a sandbox that is a number', { tenant: 'acme', sandbox: 1 }, 'sandbox'],
  ])('that is signed is told which claim is wrong: %s', async (_title, claims, named) => {
    const answer = await ask(bearer(await sign({ exp: inAnHour, ...claims })));
    expect(answer).toMatchObject({ status: 401, body: { code: 'INVALID_TOKEN', message: expect.stringContaining(named) } });
  });

  it('that has expired is TOKEN_EXPIRED, and one that has expired and is of another secret is not', async () => {
    const claims = { tenant: 'acme', exp: 1_000_000_000 };
    expect(await ask(bearer(await sign(claims)))).toMatchObject({ status: 401, body: { code: 'TOKEN_EXPIRED' } });
    expect(await ask(bearer(await sign(claims, { key: 'x'.repeat(32) })))).toMatchObject({ status: 401, body: { code: 'INVALID_TOKEN' } });
    expect(await ask(bearer(signAnything({ tenant: 'acme', exp: -1 })))).toMatchObject({ status: 401, body: { code: 'TOKEN_EXPIRED' } });
    expect(await ask(bearer(signAnything({ tenant: 'acme', exp: 0 })))).toMatchObject({ status: 401, body: { code: 'TOKEN_EXPIRED' } });
  });
});

describe('a scope', () => {
  it('that is missing is named, before the body is looked at', async () => {
    const answer = await ask({ ...bearer(await mint({ scopes: ['processes:read'] })), 'content-type': 'application/json' }, '/write');
    expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', details: { missing_scope: 'processes:write' } } });
    expect(answer.body.message).toContain('"processes:write"');
  });

  it.each([[undefined], [['processes:write'] as const], [['admin'] as const]])('that is there lets the body be read: %j', async (scopes) => {
    expect((await ask({ ...bearer(await mint({ scopes })), 'content-type': 'application/json' }, '/write')).status).toBe(400);
  });

  it('has to be said by every route, or there is no server', async () => {
    const careless = Fastify();
    requireToken(careless, []);
    expect(() => careless.get('/open', async () => 'data')).toThrow(/\/open does not say which scope/);
  });
});

it.each([{ tenant: 'a b' }, { tenant: '' }, { tenant: 'acme', sandbox: '../x' }, { scopes: ['everything' as never] }])(
  'no token is made of %j',
  async (request) => {
    await expect(mint(request)).rejects.toThrow();
  },
);

it.each([
  ['a PEM', '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----'],
  ['a JWK', JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'GcU3bQbn5Bzyxs_9TIcDOXBOhUSkTxb6uQdb0GPVXQ4' })],
])('a secret that looks like %s is a secret all the same', async (_title, secret) => {
  const token = await mintToken(secret, { tenant: 'acme', ttlSeconds: 60 });
  const [own] = createVerifiers({ secret, tenantClaims: ['tenant'] });
  expect(await own?.(token)).toMatchObject({ tenant: 'acme' });
  await expect(createVerifiers({ secret: `${secret} `, tenantClaims: ['tenant'] })[0]?.(token)).rejects.toMatchObject({ wire: { code: 'INVALID_TOKEN' } });
});
