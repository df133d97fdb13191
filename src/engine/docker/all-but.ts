/** Some of the bits of a number, and what they are: the numbers that have them so are a range of a filter. */
export interface BitPattern {
  readonly mask: number;
  readonly bits: number;
}

/** Of how many low bits a number is told apart; those above them are never looked at. */
const WIDTH = 16;

/**
 * Patterns that together match every number whose low 16 bits are none of `values`: a filter can allow by bits, and refuses what nothing allows, but
 * it can not allow all but some. A walk from the highest bit down, which cuts off what leads to no value.
 */
export function allBut(values: readonly number[]): BitPattern[] {
  return around(values, { mask: 0, bits: 0 }, WIDTH - 1);
}

function around(values: readonly number[], above: BitPattern, bit: number): BitPattern[] {
  if (values.length === 0) return [above];
  if (bit < 0) return [];
  const [mask, one] = [above.mask | (1 << bit), 1 << bit];
  return [0, one].flatMap((side) =>
    around(
      values.filter((value) => (value & one) === side),
      { mask, bits: above.bits | side },
      bit - 1,
    ),
  );
}
