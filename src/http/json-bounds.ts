export interface JsonBounds {
  /** Brackets within each other. */
  readonly depth: number;
  /** Members and elements, of everything together. */
  readonly parts: number;
}

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Says what of a JSON text is over the bounds, in one pass over its bytes and before anything is made of it: a million keys hold a parser for a second. A text
 * that is no JSON may pass.
 */
export function beyondBounds(json: Uint8Array, { depth, parts }: JsonBounds): string | undefined {
  let open = 0;
  let seen = 0;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index];
    if (byte === QUOTE) index = endOfText(json, index);
    else if (byte === COMMA) seen += 1;
    else open += nesting(byte);
    if (open > depth) return `it is nested more than ${depth} deep`;
    if (seen >= parts) return `it has more than ${parts} members`;
  }
  return undefined;
}

function endOfText(json: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < json.length && json[index] !== QUOTE) index += json[index] === BACKSLASH ? 2 : 1;
  return index;
}

function nesting(byte: number | undefined): number {
  if (byte === OPEN_LIST || byte === OPEN_OBJECT) return 1;
  return byte === CLOSE_LIST || byte === CLOSE_OBJECT ? -1 : 0;
}
