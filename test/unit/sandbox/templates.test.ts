import { expect, test } from 'vitest';
import type { Language } from '../../../src/languages/language.ts';
import { filterTemplates, templatesOf } from '../../../src/sandbox/templates.ts';

const language = (name: string, aliases: string[]): Language => ({
  name,
  aliases,
  version: '1',
  image: name,
  file: '/tmp/x',
  compile: [],
  run: ['x'],
  show: [],
  env: {},
});
const TEMPLATES = templatesOf([language('python', ['py']), language('go', ['golang'])]);
const names = (filter: Parameters<typeof filterTemplates>[1]) => filterTemplates(TEMPLATES, filter).map(({ name }) => name);

test('there is one for each language, beside those that the public pages name', () => {
  expect(TEMPLATES.map(({ name }) => name)).toEqual(['code-interpreter', 'base', 'python', 'go']);
  expect(TEMPLATES.map(({ displayName }) => displayName)).toEqual(['Code interpreter', 'Base', 'Python', 'Go']);
});

test.each([
  ['nothing', {}, ['code-interpreter', 'base', 'python', 'go']],
  ['a category', { category: 'language' }, ['python', 'go']],
  ['a category in capitals', { category: 'Development' }, ['code-interpreter', 'base']],
  ['a language', { language: 'python' }, ['code-interpreter', 'base', 'python']],
  ['a language by an alias', { language: 'Golang' }, ['base', 'go']],
  ['both', { category: 'language', language: 'py' }, ['python']],
  ['an unknown category', { category: 'desktop' }, []],
  ['an unknown language', { category: 'language', language: 'cobol' }, []],
] as const)('filters by %s', (_name, filter, expected) => {
  expect(names(filter)).toEqual(expected);
});
