import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { jwtVerifier } from '../../../../src/http/auth/jwt.ts';
import { keysOfPem } from '../../../../src/http/auth/pem.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pem = ({ publicKey }: { publicKey: KeyObject }) => publicKey.export({ type: 'spki', format: 'pem' }) as string;

const sign = (alg: string, key: KeyObject | Uint8Array, kid?: string) =>
  new SignJWT({ tenant: 'acme' })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .setExpirationTime('1h')
    .sign(key);

async function verify(text: string, token: string): Promise<string | undefined> {
  const verifier = jwtVerifier({ keys: keysOfPem(text), algorithms: ['RS256', 'ES256', 'EdDSA'], tenantClaims: ['tenant'] });
  return (await verifier(token))?.tenant;
}

describe('a key of a PEM file', () => {
  it.each([
    ['RS256', rsa],
    ['ES256', ec],
    ['EdDSA', ed],
  ])('verifies what was signed with %s, whatever key id the token names', async (alg, pair) => {
    expect(await verify(pem(pair), await sign(alg, pair.privateKey))).toBe('acme');
    expect(await verify(pem(pair), await sign(alg, pair.privateKey, 'key-1'))).toBe('acme');
  });

  it('counts beside others, so that a new one can be there before the old one goes', async () => {
    const file = `# two of one kind\n${pem(otherRsa)}\n${pem(ec)}\n${pem(rsa)}`;
    expect(await verify(file, await sign('RS256', rsa.privateKey))).toBe('acme');
    expect(await verify(file, await sign('RS256', otherRsa.privateKey))).toBe('acme');
    expect(await verify(file, await sign('ES256', ec.privateKey))).toBe('acme');
  });

  it.each([
    ['another key of its kind', () => sign('RS256', otherRsa.privateKey)],
    ['a key of another kind', () => sign('ES256', ec.privateKey)],
    ['another algorithm of its family', () => sign('RS512', rsa.privateKey)],
    ['the text of the public key as a secret', () => sign('HS256', new TextEncoder().encode(pem(rsa)))],
  ])('refuses what was signed with %s', async (_title, token) => {
    await expect(verify(pem(rsa), await token())).rejects.toMatchObject({ wire: { status: 401, code: 'INVALID_TOKEN' } });
  });

  it('refuses what was signed with a third one where there are two', async () => {
    const third = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    await expect(verify(pem(rsa) + pem(otherRsa), await sign('RS256', third.privateKey))).rejects.toMatchObject({ wire: { code: 'INVALID_TOKEN' } });
  });

  it('tells one that has expired from one that was signed by somebody else, among two', async () => {
    const expired = await new SignJWT({ tenant: 'acme', exp: 1_000 }).setProtectedHeader({ alg: 'RS256' }).sign(rsa.privateKey);
    await expect(verify(pem(otherRsa) + pem(rsa), expired)).rejects.toMatchObject({ wire: { code: 'TOKEN_EXPIRED' } });
  });
});

describe('a file is refused', () => {
  it.each([
    ['nothing in it', '', /no PEM block/],
    ['no PEM in it', '{"keys": []}', /no PEM block/],
    ['a private key', ed.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, /private key.*public key only/],
    ['a short RSA key', pem(generateKeyPairSync('rsa', { modulusLength: 1_024 })), /kind rsa.*2048 bits/],
    ['another curve', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' })), /kind ec.*P-256/],
    ['another kind', pem(generateKeyPairSync('ed448')), /kind ed448/],
    ['rubbish in a block', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /./],
    ['a good key and a bad one', `${pem(ed)}-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----`, /./],
  ])('with %s', (_title, text, words) => {
    expect(() => keysOfPem(text)).toThrow(words);
  });
});
