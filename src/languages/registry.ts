import { CoracleError } from '../errors.ts';
import type { Language } from './language.ts';

export interface LanguageRegistry {
  readonly all: readonly Language[];
  /** The language whose image commands run in. */
  readonly ofCommands: string;
  /** Looks up a name or alias, in any case. Throws INVALID_REQUEST that names the known ones. */
  resolve(name: string): Language;
}

/** Throws CONFIG_INVALID when two languages claim one name. */
export function createLanguageRegistry(languages: readonly Language[]): LanguageRegistry {
  const byName = new Map<string, Language>();
  for (const language of languages) {
    for (const name of [language.name, ...language.aliases]) {
      const other = byName.get(name);
      if (other) throw new CoracleError('CONFIG_INVALID', `Both ${other.name} and ${language.name} claim the name "${name}": change one language.json.`);
      byName.set(name, language);
    }
  }
  const ofCommands = languages.find(({ runsCommands }) => runsCommands) ?? languages[0];
  return { all: languages, ofCommands: ofCommands?.name ?? '', resolve: (name) => byName.get(name.toLowerCase()) ?? unknown(name, languages) };
}

function unknown(name: string, languages: readonly Language[]): never {
  const known = languages.map((language) => [language.name, ...language.aliases].join(' = ')).join(', ');
  throw new CoracleError('INVALID_REQUEST', `Unknown language ${JSON.stringify(name.slice(0, 64))}. Use one of: ${known}.`);
}
