import { describe, expect, it } from 'vitest';
import { isPlainName, parsePlace, targetPath } from '../../../../src/cli/cp/place.ts';

describe('the places of a copy', () => {
  it.each([
    [':a/b', true, 'a/b'],
    [':/tmp/x', true, '/tmp/x'],
    [':', true, '.'],
    ['a:b', false, 'a:b'],
    ['-', false, '-'],
  ])('%s', (word, isRemote, path) => {
    expect(parsePlace(word)).toEqual({ isRemote, path });
  });

  it.each([
    ['a/x', 'y', false, 'y'],
    ['a/x', 'y', true, 'y/x'],
    ['a/x', 'y/', false, 'y/x'],
    ['a/x/', '/', true, '/x'],
    ['x', '.', true, './x'],
  ])('%s to %s, which is a folder: %s, lands at %s', (...[from, to, isFolder, path]) => {
    expect(targetPath(from, to, isFolder)).toBe(path);
  });

  it.each([
    ['a', true],
    ['.a', true],
    ['a b', true],
    ['', false],
    ['.', false],
    ['..', false],
    ['a/b', false],
    ['a\\b', false],
    ['a\0', false],
  ])('the name %j is plain: %s', (name, isPlain) => {
    expect(isPlainName(name)).toBe(isPlain);
  });
});
