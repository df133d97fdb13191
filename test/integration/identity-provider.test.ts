import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { remoteKeys } from '../../src/http/auth/jwks.ts';
import { createVerifiers } from '../../src/http/auth/verifiers.ts';
import { mintToken } from '../../src/http/auth.ts';

const SECRET = 'the secret of this server, 32 bytes or more';
const ISSUER = 'https://id.example/';
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

type Pair = Awaited<ReturnType<typeof newPair>>;

async function newPair(kid: string | undefined, alg = 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), alg, use: 'sig', ...(kid === undefined ? {} : { kid }) } };
}

/** An identity provider whose keys, and whose faults, the test sets. */
async function openProvider(...pairs: Pair[]) {
  const state = { keys: pairs.map(({ jwk }) => jwk as object), fetched: 0, fault: undefined as undefined | 'status' | 'nonsense' | 'silence' | 'redirect' };
  const server = createServer((_request, response) => {
    state.fetched += 1;
    if (state.fault === 'silence') return;
    if (state.fault === 'redirect') response.writeHead(302, { Location: '/elsewhere' });
    if (state.fault === 'status') response.writeHead(500);
    response.end(state.fault === 'nonsense' ? '<html>' : JSON.stringify({ keys: state.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` });
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A server that trusts the provider, and asks it anew as often as the test wants. */
function trusting({ url }: { url: string }, { maxAgeMs = 60_000, cooldownMs = 0 } = {}) {
  const keys = remoteKeys({ url, log, maxAgeMs, cooldownMs });
  const verifiers = createVerifiers({ secret: SECRET, keys, issuer: ISSUER, audience: 'coracle', tenantClaims: ['org_id'] });
  return async (token: string) => {
    for (const verify of verifiers) {
      const caller = await verify(token);
      if (caller) return caller;
    }
    return undefined;
  };
}

function sign({ alg, kid, privateKey }: { alg: string; kid: string | undefined; privateKey: CryptoKey | Uint8Array }, claims: object = {}) {
  return new SignJWT({ org_id: 'acme', sub: 'user-1', iss: ISSUER, aud: 'coracle', ...claims })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .setExpirationTime('1h')
    .sign(privateKey);
}

const refused = (code: string) => ({ wire: { code } });

test.each(['RS256', 'ES256', 'EdDSA'])('a token signed with %s says who calls, by the claim that is configured', async (alg) => {
  const pair = await newPair('one', alg);
  const ask = trusting(await openProvider(pair));
  expect(await ask(await sign(pair, { tenant: 'not this', scope: 'openid files' }))).toMatchObject({
    tenant: 'acme',
    subject: 'user-1',
    scopes: new Set(['files']),
  });
});

test('keys are fetched once for many tokens', async () => {
  const pair = await newPair('one');
  const provider = await openProvider(pair);
  const ask = trusting(provider);
  for (let call = 0; call < 20; call += 1) await ask(await sign(pair));
  expect(provider.fetched).toBe(1);
});

test('a key that the provider has changed to is taken, and one that it has dropped no longer', async () => {
  const [old, young] = [await newPair('old'), await newPair('young')];
  const provider = await openProvider(old);
  const ask = trusting(provider);
  await ask(await sign(old));
  provider.keys = [young.jwk];
  expect(await ask(await sign(young))).toMatchObject({ tenant: 'acme' });
  await expect(ask(await sign(old))).rejects.toMatchObject(refused('INVALID_TOKEN'));
});

test('made-up key ids do not cause a fetch each', async () => {
  const pair = await newPair('one');
  const provider = await openProvider(pair);
  const ask = trusting(provider, { cooldownMs: 60_000 });
  for (let call = 0; call < 20; call += 1) await expect(ask(await sign({ ...pair, kid: `no-${call}` }))).rejects.toMatchObject(refused('INVALID_TOKEN'));
  expect(provider.fetched).toBe(1);
});

test.each(['status', 'nonsense', 'redirect', 'silence'] as const)(
  'while the keys cannot be had no token is taken, and one failure is enough for many: %s',
  async (fault) => {
    const pair = await newPair('one');
    const provider = await openProvider(pair);
    provider.fault = fault;
    const ask = trusting(provider, { cooldownMs: 60_000 });
    for (let call = 0; call < 5; call += 1) await expect(ask(await sign(pair))).rejects.toMatchObject({ wire: { status: 503, code: 'SERVICE_UNAVAILABLE' } });
    expect(provider.fetched).toBe(1);
  },
);

test('old keys are no longer trusted when the provider is gone, and it is asked again when it is back', async () => {
  const pair = await newPair('one');
  const provider = await openProvider(pair);
  const ask = trusting(provider, { maxAgeMs: 0 });
  await ask(await sign(pair));
  provider.fault = 'status';
  await expect(ask(await sign(pair))).rejects.toMatchObject(refused('SERVICE_UNAVAILABLE'));
  provider.fault = undefined;
  expect(await ask(await sign(pair))).toMatchObject({ tenant: 'acme' });
});

test('without key ids each key of the kind is tried', async () => {
  const pairs = [await newPair(undefined), await newPair(undefined)] as const;
  const ask = trusting(await openProvider(...pairs));
  for (const pair of pairs) expect(await ask(await sign(pair))).toMatchObject({ tenant: 'acme' });
});

test('tokens that prove nothing are refused, and own ones are still taken', async () => {
  const pair = await newPair('one');
  const provider = await openProvider(pair);
  const secret = new TextEncoder().encode(SECRET);
  provider.keys.push({ kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 'shared' });
  const ask = trusting(provider);
  const bad = [
    await sign(pair, { iss: 'https://other.example/' }),
    await sign(pair, { iss: undefined }),
    await sign(pair, { iss: 'coracle' }),
    await sign(pair, { aud: 'another' }),
    await sign(pair, { aud: undefined }),
    await sign(pair, { iss: [ISSUER] as never }),
    await sign(pair, { aud: ['another'] }),
    await sign(pair, { aud: [] }),
    await sign(pair, { aud: { coracle: true } as never }),
    await sign({ ...(await newPair('one')), kid: 'one' }),
    await sign({ ...(await newPair('one', 'ES256')), kid: 'one' }),
    await sign({ alg: 'HS256', kid: undefined, privateKey: secret }),
    await sign({ alg: 'HS256', kid: 'shared', privateKey: secret }),
    await sign({ alg: 'HS256', kid: 'one', privateKey: new TextEncoder().encode(JSON.stringify(pair.jwk)) }),
    await sign(pair, { org_id: undefined, tenant: 'acme' }),
  ];
  for (const token of bad) await expect(ask(token)).rejects.toMatchObject(refused('INVALID_TOKEN'));
  expect(await ask(await sign(pair, { aud: ['another', 'coracle'] }))).toMatchObject({ tenant: 'acme' });
  expect(await ask(await mintToken(SECRET, { tenant: 'globex', ttlSeconds: 60 }))).toMatchObject({ tenant: 'globex' });
});

test('that a token has expired learns only who would be let in but for it', async () => {
  const pair = await newPair('one');
  const ask = trusting(await openProvider(pair));
  const expired = (claims: object) =>
    new SignJWT({ org_id: 'acme', iss: ISSUER, aud: 'coracle', exp: 1_000, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(pair.privateKey);
  await expect(ask(await expired({}))).rejects.toMatchObject(refused('TOKEN_EXPIRED'));
  for (const claims of [{ iss: 'https://other.example/' }, { iss: undefined }, { aud: 'another' }, { aud: undefined }])
    await expect(ask(await expired(claims))).rejects.toMatchObject(refused('INVALID_TOKEN'));
});

test('an RSA key that is too short proves nothing, and takes nothing from one beside it', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const good = await newPair(undefined);
  const provider = await openProvider(good);
  provider.keys.unshift({ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'short' });
  const ask = trusting(provider);
  for (const kid of ['short', undefined]) {
    const [header, claims] = [
      { alg: 'RS256', kid },
      { org_id: 'acme', iss: ISSUER, aud: 'coracle', exp: Math.floor(Date.now() / 1000) + 60 },
    ];
    const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const token = `${input}.${signBytes('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    await expect(ask(token)).rejects.toMatchObject(refused('INVALID_TOKEN'));
  }
  expect(await ask(await sign(good))).toMatchObject({ tenant: 'acme' });
});

test('a provider is not asked for the key of a token whose algorithm is none of its keys', async () => {
  const pair = await newPair('one', 'RS512');
  const provider = await openProvider(pair);
  const ask = trusting(provider);
  await expect(ask(await sign(pair))).rejects.toMatchObject(refused('INVALID_TOKEN'));
  await expect(ask(await sign({ alg: 'HS256', kid: 'one', privateKey: new TextEncoder().encode(SECRET) }))).rejects.toMatchObject(refused('INVALID_TOKEN'));
  expect(provider.fetched).toBe(0);
});
