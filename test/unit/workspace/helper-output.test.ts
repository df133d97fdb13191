import { expect, test } from 'vitest';
import { readHelper } from '../../../src/workspace/helper-output.ts';

async function* frames(...pieces: string[]) {
  for (const piece of pieces)
    yield [
      { stream: 'stderr' as const, data: Buffer.from('noise\n') },
      { stream: 'stdout' as const, data: Buffer.from(piece, 'latin1') },
    ];
}

async function restOf(output: ReturnType<typeof readHelper>): Promise<string> {
  const all = [];
  for await (const piece of output.rest()) all.push(Buffer.from(piece));
  return Buffer.concat(all).toString('latin1');
}

test.each([[['ok 5\ngo\nhel', 'lo']], [['o', 'k 5', '\n', 'go\n', 'hello']], [['ok 5\n', 'go\nhello']]])(
  'lines and what follows, however they come: %j',
  async (pieces) => {
    const output = readHelper({ output: frames(...pieces) });
    expect([await output.line(), await output.line()]).toEqual(['ok 5', 'go']);
    expect(await restOf(output)).toBe('hello');
  },
);

test('an output that ends, or goes on, without a line has none', async () => {
  expect(await readHelper({ output: frames('ok') }).line()).toBeUndefined();
  expect(await readHelper({ output: frames('x'.repeat(5_000), 'x') }).line()).toBeUndefined();
});

test('closing it lets go of the output', async () => {
  let isClosed = false;
  async function* endless() {
    try {
      for (;;) yield [{ stream: 'stdout' as const, data: Buffer.from('line\n') }];
    } finally {
      isClosed = true;
    }
  }
  const output = readHelper({ output: endless() });
  await output.line();
  await output.close();
  expect(isClosed).toBe(true);
});
