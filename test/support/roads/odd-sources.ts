import type { RoadProgram } from './programs.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** An archive with one file, __main__.py, that prints what it knows of itself and divides by zero. */
const ARCHIVE = Buffer.from(
  'UEsDBBQAAAAAAAAAIQAAfdhHOAAAADgAAAALAAAAX19tYWluX18ucHlpbXBvcnQgc3lzCnByaW50KHN5cy5wYXRoWzBdLCBzeXMuYXJndiwgX19zcGVjX18pCjEgLyAwClBLAQIUAxQAAAAAAAAA' +
    'IQAAfdhHOAAAADgAAAALAAAAAAAAAAAAAACAAQAAAABfX21haW5fXy5weVBLBQYAAAAAAQABADkAAABhAAAAAAA=',
  'base64',
);

const CODES: Readonly<Record<string, string | Uint8Array>> = {
  'a byte order mark': '\ufeffprint("marked")\n',
  'a byte order mark and a cookie that fits': '\ufeff# coding: utf-8\nprint("é")\n',
  'a byte order mark and a cookie that does not': '\ufeff# coding: latin-1\nprint("é")\n',
  'lines that end in CR and LF': 'if True:\r\n    print("""a\r\nb""".encode())\r\n1 / 0\r\n',
  'lines that end in CR': 'print(1)\rprint(2)\rraise ValueError\r',
  'NUL in the source': 'print(1)\n\0print(2)\n',
  'NUL in a text of the source': 'print("a\0b")\n',
  'an empty file': '',
  'only spaces': '   \n\t\n',
  'only a comment': '# nothing',
  'no line break at the end': 'print("end")',
  'a backslash at the end': 'print(1) \\',
  'bytes that are no UTF-8': bytes('print("\xe9")\n'),
  'bytes of latin-1 with its cookie': bytes('# coding: latin-1\nprint(ascii("\xe9"))\n1 / 0 # \xe9\n'),
  'UTF-16': Buffer.from('\ufeffprint(1)\n', 'utf16le'),
  'a form feed and a shebang': '#!/usr/bin/env python3\n\fprint(1)\n\f1 / 0\n',
  'a source of 3 MiB': `${'x = 1  # and so on\n'.repeat(160_000)}print(x)\n1 / 0\n`,
  'a line of 1 MiB': `value = "${'x'.repeat(1024 * 1024)}"\nprint(len(value))\nraise ValueError\n`,
  'an error in a wide line': 'print("日本語", nothing)\n',
  'nesting that is too deep': `print(${'('.repeat(300)}1${')'.repeat(300)})\n`,
  'an expression that is too long': `print(${'1 + '.repeat(20_000)}1)\n`,
  'an archive as the program': ARCHIVE,
};

/** Programs whose bytes cannot stand in a text file of ours. */
export const ODD_SOURCES: readonly RoadProgram[] = Object.entries(CODES).map(([title, code]) => ({ title, code, files: new Map(), input: '' }));
