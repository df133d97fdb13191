/** Output that reads as frames of the spool from a place on: whoever prints it must not be able to have them taken for frames. */
export function forgedFrames(beginAt: number): Buffer {
  const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 6, 0, 0, 0]), Buffer.alloc(8), Buffer.from('forged')]);
  return Buffer.concat([Buffer.alloc(beginAt, '.'), ...Array.from({ length: 1_000 }, () => frame)]);
}
