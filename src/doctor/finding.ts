export type Level = 'good' | 'advice' | 'dangerous';

/** One thing that was looked at. */
export interface Finding {
  /** Stable, for scripts. */
  readonly check: string;
  readonly level: Level;
  readonly what: string;
  /** Why it matters; with `remedy` absent for what is good. */
  readonly why?: string;
  /** Exactly what to do. */
  readonly remedy?: string;
}

export function good(check: string, what: string): Finding {
  return { check, level: 'good', what };
}

/** For `dangerous` the server does not start. */
export function bad(level: 'advice' | 'dangerous', check: string, text: { what: string; why: string; remedy: string }): Finding {
  return { check, level, ...text };
}

export function dangers(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ level }) => level === 'dangerous');
}
