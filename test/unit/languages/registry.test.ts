import { describe, expect, it } from 'vitest';
import type { Language } from '../../../src/languages/language.ts';
import { createLanguageRegistry } from '../../../src/languages/registry.ts';

const language = (name: string, ...aliases: string[]): Language => ({
  name,
  aliases,
  version: '1',
  image: name,
  file: '/tmp/main',
  compile: [],
  show: [],
  run: [name],
  env: {},
});

const PYTHON = language('python', 'py', 'python3');
const CPP = language('c++', 'cpp');
const registry = createLanguageRegistry([PYTHON, CPP]);

describe('the registry of languages', () => {
  it.each([
    ['python', PYTHON],
    ['py', PYTHON],
    ['python3', PYTHON],
    ['Python', PYTHON],
    ['PY', PYTHON],
    ['c++', CPP],
    ['CPP', CPP],
  ])('finds %s', (name, found) => {
    expect(registry.resolve(name)).toBe(found);
  });

  it.each(['ruby', '', ' python', 'python ', '__proto__', 'constructor', 'toString', '../python', 'py\0'])('refuses %j and lists what it knows', (name) => {
    const refused = expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringContaining('python = py = python3, c++ = cpp') });
    expect(() => registry.resolve(name)).toThrow(refused);
  });

  it('repeats no more than the beginning of a long name', () => {
    expect(() => registry.resolve('x'.repeat(100_000))).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) }));
  });

  it('lists the languages as they were given', () => {
    expect(registry.all).toEqual([PYTHON, CPP]);
  });

  it.each([
    ['two with one name', [language('a'), language('a')], /Both a and a claim the name "a"/],
    ['an alias that is another’s name', [language('a'), language('b', 'a')], /Both a and b claim the name "a"/],
    ['one alias of two', [language('a', 'x'), language('b', 'x')], /Both a and b claim the name "x"/],
    ['an alias said twice', [language('a', 'x', 'x')], /claim the name "x"/],
  ])('refuses %s', (_what, languages, message) => {
    expect(() => createLanguageRegistry(languages)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }));
  });
});
