import { isUtf8 } from 'node:buffer';

/** The longest part of a character that can stand at either end of a piece. */
const LONGEST_PART = 3;

/** Cuts bytes so that as much as possible is UTF-8 by itself: a part of a character that another piece has the rest of is cut off at either end. */
export function textPieces(bytes: Uint8Array): readonly Uint8Array[] {
  if (isUtf8(bytes)) return [bytes];
  const start = continuationLength(bytes);
  for (let cut = 0; cut <= LONGEST_PART; cut += 1) {
    const end = bytes.length - cut;
    if (end > start && isUtf8(bytes.subarray(start, end)))
      return [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)].filter(({ length }) => length > 0);
  }
  return [bytes];
}

function continuationLength(bytes: Uint8Array): number {
  let length = 0;
  while (length < LONGEST_PART && ((bytes[length] ?? 0) & 0xc0) === 0x80) length += 1;
  return length;
}
