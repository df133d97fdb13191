import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readAhead } from '../../../../src/cli/run/input.ts';

async function* input(...parts: readonly (string | Promise<unknown>)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (typeof part === 'string') yield Buffer.from(part);
    else await part;
  }
}

async function all(rest: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (!rest) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of rest) pieces.push(piece);
  return String(Buffer.concat(pieces));
}

describe('reading an input ahead', () => {
  it('takes the whole of a short one', async () => {
    for (const parts of [[], ['a'], ['a', 'b', 'c']]) {
      const { data, rest } = await readAhead(input(...parts), { ms: 10_000, most: 100 });
      expect(String(data)).toBe(parts.join(''));
      expect(rest).toBeUndefined();
    }
  });

  it('leaves the rest of a long one, without losing or doubling a byte', async () => {
    const { data, rest } = await readAhead(input('abc', 'def', 'ghi', 'j'), { ms: 10_000, most: 5 });
    expect(String(data)).toBe('abcdef');
    expect(await all(rest)).toBe('ghij');
  });

  it('does not wait for a slow one', async () => {
    const gate = Promise.withResolvers<void>();
    const { data, rest } = await readAhead(input('a', gate.promise, 'b', 'c'), { ms: 20, most: 100 });
    expect(String(data)).toBe('a');
    gate.resolve();
    expect(await all(rest)).toBe('bc');
  });

  it('tells when what comes later cannot be read', async () => {
    const { rest } = await readAhead(
      input(
        'a',
        sleep(30).then(() => Promise.reject(new Error('gone'))),
      ),
      { ms: 5, most: 100 },
    );
    await expect(all(rest)).rejects.toThrow('gone');
  });
});
