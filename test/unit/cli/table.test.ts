import { describe, expect, it, vi } from 'vitest';
import { type Cell, printTable } from '../../../src/cli/print.ts';
import { columns } from '../../../src/cli/table.ts';

const ROWS: readonly (readonly Cell[])[] = [
  [{ text: 'a' }, { text: 'failed', style: 'red' }, { text: 'a' }],
  [{ text: 'longer' }, { text: 'ok', style: 'green' }, { text: '' }],
];

/** What is written to standard output while it is a terminal with colours, or is none. */
async function written(isTTY: boolean, work: () => Promise<void>): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(((chunk: string, done: () => void) => {
    text += chunk;
    done();
    return true;
  }) as typeof process.stdout.write);
  const before = { isTTY: process.stdout.isTTY, hasColors: process.stdout.hasColors, getColorDepth: process.stdout.getColorDepth, env: { ...process.env } };
  Object.assign(process.stdout, { isTTY, hasColors: () => isTTY, getColorDepth: () => (isTTY ? 8 : 1) });
  for (const name of ['NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR']) delete process.env[name];
  try {
    await work();
  } finally {
    Object.assign(process.stdout, before);
    Object.assign(process.env, before.env);
    vi.restoreAllMocks();
  }
  return text;
}

describe('a table', () => {
  it('has columns as wide as their widest cell, but for the last', () => {
    expect(
      columns([
        ['a', 'bb', 'c'],
        ['aaa', 'b', 'ccc'],
        ['', '', ''],
      ]),
    ).toBe('a    bb  c\naaa  b   ccc\n         \n');
    expect(columns([])).toBe('');
  });

  it('is lines with tabs where programs read it', async () => {
    expect(await written(false, () => printTable(['X', 'Y', 'Z'], ROWS))).toBe('a\tfailed\ta\nlonger\tok\t\n');
  });

  it('has a head and colours on a terminal, which do not count as width', async () => {
    const red = '\u001b[31mfailed\u001b[39m';
    const green = '\u001b[32mok\u001b[39m';
    const shown = await written(true, () => printTable(['X', 'Y', 'Z'], ROWS));
    expect(shown).toBe(`\u001b[1mX       Y       Z\u001b[22m\na       ${red}  a\nlonger  ${green}      \n`);
  });
});
