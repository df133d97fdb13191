import { z } from 'zod';

/** Looks before anything walks the entries: a million of them must not cost more than a few, and zod would pass over `__proto__` in silence. */
export function refuseOddEntries(most: number): (value: unknown, context: z.RefinementCtx) => unknown {
  return (value, context) => {
    if (typeof value !== 'object' || value === null) return value;
    const isOdd = Object.hasOwn(value, '__proto__');
    if (!isOdd && Object.keys(value).length <= most) return value;
    context.addIssue({ code: 'custom', message: isOdd ? 'a name must not be "__proto__"' : `must have at most ${most} entries`, input: undefined });
    return z.NEVER;
  };
}
