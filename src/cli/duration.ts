import { UsageError } from './usage.ts';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds of "90s", "30m", "24h" or "7d"; throws UsageError for anything else. */
export function parseDuration(text: string): number {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  if (!match) throw new UsageError(`"${text}" is no duration: write a whole number and s, m, h or d, as in 24h`);
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
}
