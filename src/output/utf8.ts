/** The longest UTF-8 sequence. */
const LONGEST = 4;

/**
 * Decodes a stretch that may begin inside a character: its first bytes that only continue a character are left out.
 * `isOpen` says that more may follow: then a character that is cut by the end is left out too, to be whole at the next read.
 * What is no UTF-8 becomes U+FFFD.
 */
export function decodeStretch(bytes: Uint8Array, { startsInside, isOpen }: { startsInside: boolean; isOpen: boolean }): string {
  const start = startsInside ? continuationLength(bytes) : 0;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start), { stream: isOpen });
}

function continuationLength(bytes: Uint8Array): number {
  let length = 0;
  while (length < LONGEST - 1 && length < bytes.length && ((bytes[length] as number) & 0xc0) === 0x80) length += 1;
  return length;
}
