/** When a fault lasted, in milliseconds since 1970. */
export interface Spell {
  readonly from: number;
  readonly to: number;
}

/** Writes down when something began and ended. */
export interface Spells {
  /** Nothing happens when it has begun already. */
  begin(): void;
  end(): void;
  /** One that lasts still has no end. */
  all(): readonly Spell[];
}

export function createSpells(): Spells {
  const over: Spell[] = [];
  let from: number | undefined;
  return {
    begin() {
      from ??= Date.now();
    },
    end() {
      if (from !== undefined) over.push({ from, to: Date.now() });
      from = undefined;
    },
    all: () => (from === undefined ? over : [...over, { from, to: Number.POSITIVE_INFINITY }]),
  };
}

/** Whether two overlap, give or take `slackMs`. */
export function overlap(one: Spell, other: Spell, slackMs = 0): boolean {
  return one.from - slackMs <= other.to && other.from - slackMs <= one.to;
}
