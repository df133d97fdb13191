import { isUtf8 } from 'node:buffer';
import { expect, test } from 'vitest';
import { textPieces } from '../../../src/http/text-pieces.ts';

const text = (value: string) => [...Buffer.from(value)];

test.each([
  ['nothing', [], [[]]],
  ['text', text('ä€𝄞'), [text('ä€𝄞')]],
  ['the rest of a character, then text', [0x82, 0xac, ...text('ok')], [[0x82, 0xac], text('ok')]],
  ['text, then the beginning of a character', [...text('ok'), 0xe2, 0x82], [text('ok'), [0xe2, 0x82]]],
  ['both', [0xac, ...text('ok'), 0xf0, 0x9d, 0x84], [[0xac], text('ok'), [0xf0, 0x9d, 0x84]]],
  ['only the middle of a character', [0x82], [[0x82]]],
  ['only the beginning of one', [0xe2], [[0xe2]]],
  ['something that is no UTF-8', [0xff, ...text('text'), 0xff], [[0xff, ...text('text'), 0xff]]],
  ['a lone surrogate', [0xed, 0xa0, 0x80], [[0xed, 0xa0, 0x80]]],
])('%s', (_title, bytes, pieces) => {
  expect(textPieces(Uint8Array.from(bytes)).map((piece) => [...piece])).toEqual(pieces);
});

test('text that is cut anywhere is text but for the cut character', () => {
  const whole = Buffer.from('aä€𝄞'.repeat(5));
  for (let cut = 0; cut <= whole.length; cut += 1) {
    for (const part of [whole.subarray(0, cut), whole.subarray(cut)]) {
      const pieces = textPieces(part);
      expect(Buffer.concat(pieces).equals(part)).toBe(true);
      const odd = pieces.filter((piece) => !isUtf8(piece)).reduce((bytes, { length }) => bytes + length, 0);
      expect(odd).toBeLessThanOrEqual(3);
    }
  }
});
