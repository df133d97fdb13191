import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readAhead } from '../../../src/execution/read-ahead.ts';
import type { OutputFrame } from '../../../src/output/output-store.ts';

const frame = (text: string, stream: OutputFrame['stream'] = 'stdout'): OutputFrame => ({ stream, data: Buffer.from(text) });
const textOf = (frames: readonly OutputFrame[]) => Buffer.concat(frames.map(({ data }) => data)).toString();

/** A source that counts what was taken of it. */
function sourceOf(pieces: readonly string[], { fails = false } = {}) {
  const seen = { taken: 0, isClosed: false };
  async function* read() {
    try {
      for (const piece of pieces) {
        seen.taken += 1;
        yield [frame(piece)];
      }
      if (fails) throw new Error('the connection broke');
    } finally {
      seen.isClosed = true;
    }
  }
  return { seen, source: read() };
}

test('everything comes, in its order', async () => {
  const { source } = sourceOf(['a', 'b', 'c', 'd']);
  let text = '';
  for await (const frames of readAhead(source, 2)) text += textOf(frames);
  expect(text).toBe('abcd');
});

test('what comes while the consumer is busy is handed on together', async () => {
  const { source } = sourceOf(['a', 'b', 'c', 'd', 'e']);
  const batches: string[] = [];
  for await (const frames of readAhead(source, 100)) {
    batches.push(textOf(frames));
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  }
  expect(batches.join('')).toBe('abcde');
  expect(batches.length).toBeLessThan(4);
});

test('no more is read than fits, until the consumer takes it', async () => {
  const { source, seen } = sourceOf(Array.from({ length: 50 }, () => 'xxxx'));
  const reading = readAhead(source, 8);
  await reading.next();
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(seen.taken).toBeLessThanOrEqual(5);
  let rest = 0;
  for await (const frames of reading) rest += textOf(frames).length;
  expect(seen.taken).toBe(50);
  expect(rest).toBeGreaterThan(0);
});

test('an error comes after everything before it', async () => {
  const { source } = sourceOf(['a', 'b'], { fails: true });
  let text = '';
  const read = async () => {
    for await (const frames of readAhead(source, 100)) text += textOf(frames);
  };
  await expect(read()).rejects.toThrow('the connection broke');
  expect(text).toBe('ab');
});

test('a consumer that leaves closes the source', async () => {
  const { source, seen } = sourceOf(['a', 'b', 'c']);
  for await (const _frames of readAhead(source, 1)) break;
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  expect(seen.isClosed).toBe(true);
});

test('an empty source is empty', async () => {
  const { source } = sourceOf([]);
  expect((await readAhead(source, 1).next()).done).toBe(true);
});
