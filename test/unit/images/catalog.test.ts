import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CatalogEntry, imageReferences, readCatalog } from '../../../src/images/catalog.ts';
import { createLanguageRegistry } from '../../../src/languages/registry.ts';
import { PROJECT_ROOT } from '../../../src/version.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const IMAGES = join(PROJECT_ROOT, 'images');
const GOOD = { name: 'lua', version: '5.4', file: '/tmp/main.lua', run: ['/usr/bin/lua', '/tmp/main.lua'] };

/** The catalog of a folder that has one language with this file. */
async function catalogWith(languageFile: string, folderName = 'lua'): Promise<CatalogEntry[]> {
  await using folder = await tempFolder();
  await mkdir(join(folder.path, folderName));
  await mkdir(join(folder.path, 'no-language'));
  await writeFile(join(folder.path, folderName, 'language.json'), languageFile);
  return readCatalog(folder.path);
}

describe('the images of this repository', () => {
  const catalog = readCatalog(IMAGES);

  it('are all described so that a server can start with them', () => {
    expect(catalog.map(({ language }) => language.name)).toEqual(expect.arrayContaining(['bash', 'go', 'javascript', 'python', 'typescript']));
    expect(() => createLanguageRegistry(catalog.map(({ language }) => language))).not.toThrow();
  });

  it.each(catalog.map(({ language }) => [language.name, language] as const))('%s runs its own file in an image that can be built', (_name, language) => {
    expect(existsSync(join(IMAGES, language.image, 'Dockerfile'))).toBe(true);
    expect([...language.compile, ...language.run]).toContain(language.file);
    expect((language.compile[0] ?? language.run[0])?.startsWith('/')).toBe(true);
    expect(language.file.startsWith('/tmp/')).toBe(true);
  });
});

describe('reading language.json', () => {
  it('fills in what may be left out', async () => {
    const [entry, ...others] = await catalogWith(JSON.stringify(GOOD));
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ language: { ...GOOD, aliases: [], image: 'lua', compile: [] }, context: {} });
    expect(entry?.language.env).toMatchObject({ HOME: '/workspace', PATH: expect.stringContaining('/usr/bin') });
  });

  it('takes the language’s own environment before the one of every process', async () => {
    const [entry] = await catalogWith(JSON.stringify({ ...GOOD, env: { LANG: 'C', LUA_PATH: '?' } }));
    expect(entry?.language.env).toMatchObject({ LANG: 'C', LUA_PATH: '?', HOME: '/workspace' });
  });

  it.each([
    ['name', { name: 'Not A Name' }],
    ['name', { name: undefined }],
    ['version', { version: '' }],
    ['aliases', { aliases: ['UPPER'] }],
    ['file', { file: 'relative.lua' }],
    ['run', { run: [] }],
    ['run', { run: [''] }],
    ['compile', { compile: 'make' }],
    ['env', { env: { A: 1 } }],
    ['comand', { comand: ['lua'] }],
  ])('names the file and the field when %s is %j', async (field, differences) => {
    const message = new RegExp(String.raw`lua/language\.json cannot be used[^]*${field}`);
    const refused = expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) });
    await expect(catalogWith(JSON.stringify({ ...GOOD, ...differences }))).rejects.toThrow(refused);
  });

  it.each(['', '{', '[]', 'null', '"lua"', JSON.stringify(GOOD).slice(0, -1)])('names the file when it holds %j', async (text) => {
    const refused = expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('odd folder/language.json cannot be used') });
    await expect(catalogWith(text, 'odd folder')).rejects.toThrow(refused);
  });
});

it('the engine’s name of an image begins with ours', () => {
  expect(imageReferences('latest')('python')).toBe('coracle/python:latest');
});
