import type { Language } from '../languages/language.ts';

/** A name under which a sandbox can be asked for. Every sandbox runs every language: a template says only what it is meant for. */
export interface Template {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly category: 'development' | 'language';
  /** Null where it is for all of them. */
  readonly language: string | null;
  /** Other names of the language, by which it is found too. */
  readonly aliases: readonly string[];
}

export interface TemplateFilter {
  readonly category?: string | undefined;
  readonly language?: string | undefined;
}

const CODE_INTERPRETER: Omit<Template, 'aliases'> = {
  name: 'code-interpreter',
  displayName: 'Code interpreter',
  description: 'Python with numpy, pandas, scikit-learn and matplotlib, beside every other language',
  category: 'development',
  language: 'python',
};

const BASE: Template = {
  name: 'base',
  displayName: 'Base',
  description: 'A shell, beside every language',
  category: 'development',
  language: null,
  aliases: [],
};

/** The templates that HopX's pages name, and one for each language. */
export function templatesOf(languages: readonly Language[]): readonly Template[] {
  const python = languages.find(({ name }) => name === CODE_INTERPRETER.language);
  return [{ ...CODE_INTERPRETER, aliases: python?.aliases ?? [] }, BASE, ...languages.map(ofLanguage)];
}

function ofLanguage({ name, version, aliases }: Language): Template {
  const displayName = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  return { name, displayName, description: `${displayName} ${version}`, category: 'language', language: name, aliases };
}

/** Those of a category, and for a language under any of its names; the one that is for all languages is for each. */
export function filterTemplates(templates: readonly Template[], { category, language }: TemplateFilter): readonly Template[] {
  const wanted = language?.toLowerCase();
  return templates.filter(
    (template) =>
      (category === undefined || template.category === category.toLowerCase()) &&
      (wanted === undefined || template.language === null || template.language === wanted || template.aliases.includes(wanted)),
  );
}
