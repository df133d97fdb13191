import { percentile } from './percentile.ts';

/** One row of the table. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** What it is held against in the same run, and what the goal is. */
  readonly goal?: string;
  /** By itself, for programs. */
  readonly values: Readonly<Record<string, number>>;
}

export interface Section {
  readonly name: string;
  run(options: SectionOptions): Promise<readonly Row[]>;
}

export interface SectionOptions {
  /** 1 for a full run; a quick one takes fewer samples. */
  readonly share: number;
  readonly say: (line: string) => void;
}

export function samplesOf({ share }: SectionOptions, full: number): number {
  return Math.max(3, Math.round(full * share));
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

export const times = (value: number): string => `${value.toFixed(2)} ×`;

/** The ratio of each round, both sides measured in it, at the median: what else the machine was doing then counts for both. */
export function pairedRatio(ours: readonly number[], others: readonly number[]): number {
  return median(ours.map((value, index) => value / (others[index] ?? Number.NaN)));
}

export function printTable(rows: readonly Row[]): string {
  return ['| what | measured | goal |', '|---|---|---|', ...rows.map(({ what, measured, goal = '' }) => `| ${what} | ${measured} | ${goal} |`)].join('\n');
}
