export interface ByteRange {
  /** Negative counts from the end. */
  readonly offset: number;
  readonly limit: number;
}

/**
 * One range of a Range header, cut to `most` bytes; undefined for what has to be ignored: several ranges, another unit, no range at all.
 * https://www.rfc-editor.org/rfc/rfc9110#name-byte-ranges
 */
export function parseByteRange(header: string | undefined, most: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '') ?? [];
  if (first === '') return last === '' || Number(last) === 0 ? undefined : { offset: -Number(last), limit: Math.min(Number(last), most) };
  const length = last === '' ? most : Number(last) - Number(first) + 1;
  return length < 1 ? undefined : { offset: Number(first), limit: Math.min(length, most) };
}
