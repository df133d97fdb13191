import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guessLanguage, readSource } from '../../../../src/cli/run/source.ts';
import { UsageError } from '../../../../src/cli/usage.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

describe('what coracle run runs', () => {
  it.each([
    ['a.py', '', 'py'],
    ['a/b.c/x.JS', '', 'js'],
    ['x.mjs', '', 'javascript'],
    ['x.sh', '', 'sh'],
    ['-', '', 'python'],
    ['x', '', 'python'],
    ['x', '#!/usr/bin/env python3\n', 'python3'],
    ['x', '#! /bin/sh -eu\n', 'sh'],
    ['x.txt', '#!/usr/bin/env -S node --test\n', 'node'],
    ['x.py', '# !/bin/sh', 'py'],
  ])('%s that begins with %j is in %s', (file, code, language) => {
    expect(guessLanguage(file, code)).toBe(language);
  });

  it('is a file, or code in words, with arguments', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'x.py');
    await writeFile(file, '\ufeffprint("€")');
    const asked = { code: undefined, language: undefined, words: [file, '-v', 'a b'] };
    expect(await readSource(asked)).toEqual({ code: '\ufeffprint("€")', language: 'py', args: ['-v', 'a b'], tookInput: false });
    expect(await readSource({ ...asked, language: 'bash' })).toMatchObject({ language: 'bash' });
    expect(await readSource({ code: '1', language: undefined, words: ['a'] })).toEqual({ code: '1', language: 'python', args: ['a'], tookInput: false });
  });

  it('is refused in words when it cannot be read', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'x.py');
    const asked = { code: undefined, language: undefined, words: [file] };
    await expect(readSource(asked)).rejects.toThrow(/x\.py cannot be read.*ENOENT/);
    await writeFile(file, Uint8Array.of(0xff));
    await expect(readSource(asked)).rejects.toThrow(UsageError);
  });
});
