import { describe, expect, it } from 'vitest';
import { decodeStretch } from '../../../src/output/utf8.ts';

const WHOLE = { startsInside: false, isOpen: false };
const TEXT = 'aä€𝄞z';
const BYTES = Buffer.from(TEXT);
/** Where a character of the text begins, and where the text ends. */
const BOUNDS = [0, 1, 3, 6, 10, 11];
const places = Array.from({ length: BYTES.length + 1 }, (_, place) => place);

const before = (place: number) =>
  Buffer.from(
    BYTES.subarray(
      0,
      BOUNDS.findLast((bound) => bound <= place),
    ),
  ).toString();
const after = (place: number) => Buffer.from(BYTES.subarray(BOUNDS.find((bound) => bound >= place))).toString();

describe('text of a stretch of bytes', () => {
  it.each(places)('leaves out the character that the end cuts at byte %d when more may follow', (place) => {
    expect(decodeStretch(BYTES.subarray(0, place), { startsInside: false, isOpen: true })).toBe(before(place));
  });

  it.each(places)('leaves out the rest of the character that it begins inside of at byte %d', (place) => {
    expect(decodeStretch(BYTES.subarray(place), { startsInside: true, isOpen: false })).toBe(after(place));
  });

  it.each([1, 2])('shows that a € ends after %d of 3 bytes when nothing follows', (length) => {
    expect(decodeStretch(Buffer.from('x€').subarray(0, 1 + length), WHOLE)).toBe('x\uFFFD');
  });

  it.each([1, 2])('shows that a stretch from the very beginning begins with %d odd bytes', (length) => {
    expect(decodeStretch(Buffer.from('€x').subarray(3 - length), WHOLE)).toBe(`${'\uFFFD'.repeat(length)}x`);
  });

  it.each([
    ['nothing', [], ''],
    ['bytes that are no UTF-8', [0x61, 0xff, 0xfe, 0x62], 'a\uFFFD\uFFFDb'],
    ['a surrogate as three bytes', [0xed, 0xa0, 0x80], '\uFFFD\uFFFD\uFFFD'],
    ['a slash in two bytes', [0xc0, 0xaf], '\uFFFD\uFFFD'],
    ['NUL and escapes', [0x00, 0x1b, 0x5b, 0x6d], '\0\u001b[m'],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x61], '\uFEFFa'],
  ])('decodes %s', (_what, bytes, text) => {
    expect(decodeStretch(Buffer.from(bytes), WHOLE)).toBe(text);
  });

  it('leaves out three bytes at most, so that rubbish is not swallowed whole', () => {
    expect(decodeStretch(Buffer.alloc(5, 0x80), { startsInside: true, isOpen: false })).toBe('\uFFFD\uFFFD');
  });

  it('gives the whole text when a reader goes on from one stretch to the next', () => {
    for (const cut of places) {
      const first = decodeStretch(BYTES.subarray(0, cut), { startsInside: false, isOpen: true });
      const rest = decodeStretch(BYTES.subarray(Buffer.byteLength(first)), { startsInside: first !== '', isOpen: false });
      expect(first + rest).toBe(TEXT);
    }
  });
});
