import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { readSecret } from '../../src/secret.ts';
import { tempFolder } from '../support/temp-folder.ts';

const configFor = (dataDir: string, secret?: string) => readConfig({ CORACLE_DATA_DIR: dataDir, CORACLE_JWT_SECRET: secret });

describe('the secret of the tokens', () => {
  it('is generated once, for the owner’s eyes only, and says where', async () => {
    await using folder = await tempFolder();
    const { value, generatedAt } = readSecret(configFor(folder.path));
    expect(generatedAt).toBe(join(folder.path, 'jwt-secret'));
    expect(Buffer.byteLength(value)).toBeGreaterThanOrEqual(32);
    expect((await stat(join(folder.path, 'jwt-secret'))).mode & 0o777).toBe(0o600);
    expect(readSecret(configFor(folder.path))).toEqual({ value, generatedAt: undefined });
  });

  it('differs from folder to folder', async () => {
    await using one = await tempFolder();
    await using other = await tempFolder();
    expect(readSecret(configFor(one.path)).value).not.toBe(readSecret(configFor(other.path)).value);
  });

  it('is the configured one where there is one, and then nothing is written', async () => {
    await using folder = await tempFolder();
    const secret = 'configured-'.repeat(3);
    expect(readSecret(configFor(folder.path, secret))).toEqual({ value: secret, generatedAt: undefined });
    await expect(stat(join(folder.path, 'jwt-secret'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is taken from the file without the line end that an editor leaves', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, 'jwt-secret'), `${'k'.repeat(32)}\n`);
    expect(readSecret(configFor(folder.path)).value).toBe('k'.repeat(32));
  });

  it.each(['', 'short', 'k'.repeat(31), ' '.repeat(64), `${'k'.repeat(31)}\n`])('is refused, and left as it is, when the file holds %j', async (text) => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'jwt-secret');
    await writeFile(path, text);
    const refused = expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(/jwt-secret has fewer than 32 bytes\. Delete/) });
    expect(() => readSecret(configFor(folder.path))).toThrow(refused);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('is not made up when the folder is missing', async () => {
    await using folder = await tempFolder();
    expect(() => readSecret(configFor(join(folder.path, 'missing')))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
