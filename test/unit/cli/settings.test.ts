import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configPath, readSettings } from '../../../src/cli/settings.ts';
import { UsageError } from '../../../src/cli/usage.ts';
import { CLIENT_VARIABLES, readConfig } from '../../../src/config.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** An environment whose config file has this text. */
async function withFile(folder: string, text: string, env: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  await mkdir(join(folder, 'coracle'));
  await writeFile(join(folder, 'coracle', 'config.json'), text);
  return { XDG_CONFIG_HOME: folder, ...env };
}

const NONE = { XDG_CONFIG_HOME: '/nonexistent' };

describe('the settings of the command line', () => {
  it('need nothing', () => {
    expect(readSettings({}, NONE)).toMatchObject({ url: 'http://127.0.0.1:7777', token: undefined, tenant: 'demo', sandbox: undefined });
  });

  it('come from flags, then the environment, then the config file', async () => {
    await using folder = await tempFolder();
    const file = JSON.stringify({ url: 'http://file', token: 'file', tenant: 'file', sandbox: 'file' });
    const env = await withFile(folder.path, file, { CORACLE_URL: 'http://env', CORACLE_TOKEN: 'env', CORACLE_TENANT: '' });
    expect(readSettings({ url: 'http://flag' }, env)).toMatchObject({ url: 'http://flag', token: 'env', tenant: 'file', sandbox: 'file' });
  });

  it('look where the server of the same environment would be', () => {
    const { url, dataDirs } = readSettings({}, { ...NONE, CORACLE_PORT: '8080', CORACLE_DATA_DIR: '/data' });
    expect(url).toBe('http://127.0.0.1:8080');
    expect(dataDirs[0]).toBe('/data');
  });

  it('have their file where XDG says, and else in .config', () => {
    expect(configPath({ XDG_CONFIG_HOME: '/x' })).toBe('/x/coracle/config.json');
    expect(configPath({})).toMatch(/\/\.config\/coracle\/config\.json$/);
  });

  it.each([
    ['{', /config\.json cannot be read/],
    ['[]', /must hold an object/],
    ['{"tokn": "x"}', /no setting "tokn"\. Use url, token/],
    ['{"url": 1}', /"url" must be a string/],
  ])('refuse the file %j in words', async (text, words) => {
    await using folder = await tempFolder();
    const env = await withFile(folder.path, text);
    expect(() => readSettings({}, env)).toThrow(UsageError);
    expect(() => readSettings({}, env)).toThrow(words);
  });

  it.each(['localhost:7777', 'coracle', 'ftp://x', 'http://', ' '])('refuse %j as an address', (url) => {
    expect(() => readSettings({ url }, NONE)).toThrow(/as in http:\/\/127/);
  });

  it('do not keep a server from starting in the same environment', () => {
    const env = Object.fromEntries(CLIENT_VARIABLES.map((name) => [name, 'x']));
    expect(readConfig(env)).toEqual(readConfig({}));
  });
});
