import { styleText } from 'node:util';
import { columns } from './table.ts';

type Style = Parameters<typeof styleText>[0];

/** Text in a colour where standard output is a terminal that shows them. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Writes to standard output, and waits when nobody takes it as fast. */
export function print(text: string | Uint8Array): Promise<void> {
  return write(process.stdout, text);
}

export function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

export function printJson(value: unknown): Promise<void> {
  return print(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0)}\n`);
}

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** On a terminal a table with a head; elsewhere lines for programs, with tabs between the cells and nothing else. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
  if (!process.stdout.isTTY) return print(rows.map((row) => `${row.map(({ text }) => text).join('\t')}\n`).join(''));
  const plain = columns([head, ...rows.map((row) => row.map(({ text }) => text))]);
  const [first = '', ...lines] = plain.split('\n');
  return print([styled('bold', first), ...lines.map((line, index) => colourCells(line, rows[index] ?? []))].join('\n'));
}

/** Colours come last, because they would count in the width of a column. */
function colourCells(line: string, row: readonly Cell[]): string {
  let rest = line;
  let out = '';
  for (const { text, style } of row) {
    const at = rest.indexOf(text);
    out += rest.slice(0, at) + (style ? styled(style, text) : text);
    rest = rest.slice(at + text.length);
  }
  return out + rest;
}
