import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { UsageError } from '../usage.ts';

export interface Source {
  readonly code: string;
  /** Name or alias. */
  readonly language: string;
  readonly args: readonly string[];
  /** Whether standard input was read for the code, so that nothing is left of it for the program. */
  readonly tookInput: boolean;
}

export interface Asked {
  readonly code: string | undefined;
  readonly language: string | undefined;
  /** FILE or "-", and arguments; only arguments when there is code. */
  readonly words: readonly string[];
}

const DEFAULT_LANGUAGE = 'python';
/** Extensions that are no alias of their language. */
const EXTENSIONS: Readonly<Record<string, string>> = { mjs: 'javascript', cjs: 'javascript', mts: 'typescript', bash: 'bash' };

/** What to run: code given in words, a file, or standard input. Throws UsageError when there is none of them. */
export async function readSource({ code, language, words }: Asked): Promise<Source> {
  if (code !== undefined) return { code, language: language ?? DEFAULT_LANGUAGE, args: words, tookInput: false };
  const [file = '-', ...args] = words;
  const tookInput = file === '-';
  if (tookInput && process.stdin.isTTY) throw new UsageError('say what to run: coracle run FILE, coracle run -c CODE, or code on standard input');
  const text = decode(tookInput ? await buffer(process.stdin) : await readCode(file), file);
  return { code: text, language: language ?? guessLanguage(file, text), args, tookInput };
}

async function readCode(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${file === '-' ? 'standard input' : file} is no text in UTF-8`);
  }
}

/** By the first line that names an interpreter, then by the file's extension; the server knows which languages there are. */
export function guessLanguage(file: string, code: string): string {
  const interpreter = /^#! *(?:\S*\/)?(?:env +(?:-S +)?)?(?:\S*\/)?([^\s/]+)/.exec(code)?.[1];
  if (interpreter) return interpreter;
  const extension = extname(file).slice(1).toLowerCase();
  return EXTENSIONS[extension] ?? (extension || DEFAULT_LANGUAGE);
}
