import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CoracleError } from '../errors.ts';
import type { Language } from '../languages/language.ts';

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'must be an absolute path');
const command = z.array(z.string().min(1));

/** `images/<folder>/language.json`. */
const languageFile = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9+#.-]{0,31}$/),
  version: z.string().min(1),
  aliases: z.array(z.string().regex(/^[a-z][a-z0-9+#.-]{0,31}$/)).default([]),
  /** The folder whose image it shares; its own by default. */
  image: z.string().optional(),
  file: absolutePath,
  compile: command.default([]),
  run: command.min(1),
  show: command.default([]),
  runsCommands: z.boolean().default(false),
  env: z.record(z.string(), z.string()).default({}),
  /** Files that the image needs from outside its folder: name in the build context, path from the project's root. */
  context: z.record(z.string(), z.string()).default({}),
});

export interface CatalogEntry {
  readonly language: Language;
  /** Name in the build context → path from the project's root. */
  readonly context: Readonly<Record<string, string>>;
}

/** Environment of every process, under the language's own. */
const BASE_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/workspace', USER: 'sandbox', LANG: 'C.UTF-8', TMPDIR: '/tmp' };

/** Reads every folder of `directory` that has a `language.json`. Throws CONFIG_INVALID that names the file and what is wrong in it. */
export function readCatalog(directory: string): CatalogEntry[] {
  const folders = readdirSync(directory).filter((folder) => existsSync(join(directory, folder, 'language.json')));
  return folders.sort().map((folder) => readEntry(directory, folder));
}

function readEntry(directory: string, folder: string): CatalogEntry {
  const path = join(directory, folder, 'language.json');
  try {
    const { context, image, env, ...language } = languageFile.parse(JSON.parse(readFileSync(path, 'utf8')));
    return { language: { ...language, image: image ?? folder, env: { ...BASE_ENV, ...env } }, context };
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CoracleError('CONFIG_INVALID', `${path} cannot be used: ${problem}`, error);
  }
}

/** The engine's names of our images with this tag. */
export function imageReferences(tag: string): (image: string) => string {
  return (image) => `coracle/${image}:${tag}`;
}
