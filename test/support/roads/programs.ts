import { readdirSync, readFileSync } from 'node:fs';

export interface RoadProgram {
  readonly title: string;
  readonly code: string | Uint8Array;
  readonly files: ReadonlyMap<string, string>;
  readonly input: string;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', '0': '\0' };

/**
 * The programs of a folder's `.py` files: each begins with a line `#--- title`; a line `#+++ path` begins another file of the same job, and `#<<< text` is its
 * standard input, in which \n, \r and \0 stand for what they do in C.
 */
export function readPrograms(folder: string): RoadProgram[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.py'));
  return files.sort().flatMap((name) =>
    readFileSync(`${folder}/${name}`, 'utf8')
      .split(/^#--- /m)
      .slice(1)
      .map(parse),
  );
}

function parse(text: string): RoadProgram {
  const [main = '', ...others] = text.split(/^#\+\+\+ /m);
  const [title, body] = cutLine(main);
  const [, input = ''] = /^#<<< (.*)\n/m.exec(body) ?? [];
  return {
    title,
    code: body.replace(/^#<<< .*\n/m, ''),
    files: new Map(others.map(cutLine)),
    input: input.replace(/\\([nr0])/g, (_, letter: string) => ESCAPES[letter] ?? letter),
  };
}

function cutLine(text: string): [string, string] {
  const end = text.indexOf('\n');
  return [text.slice(0, end), text.slice(end + 1)];
}
