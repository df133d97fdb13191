import { CoracleError } from '../errors.ts';

/** By what containers are run, by the engine's names: `runc`, `runsc`, `crun`, `kata`, … */
export interface RuntimePolicy {
  /** For who asks for none; `null` is the engine's own default. */
  readonly standard: string | null;
  /** What may be asked for, besides the standard one. */
  readonly offered: readonly string[];
}

/** The runtime of a process; `null` is the engine's default. Throws INVALID_REQUEST that names what is offered. */
export function chooseRuntime({ standard, offered }: RuntimePolicy, asked: string | null): string | null {
  if (asked === null || asked === standard) return standard;
  if (offered.includes(asked)) return asked;
  const known = [...new Set([...(standard === null ? [] : [standard]), ...offered])];
  const remedy = known.length > 0 ? `Use one of: ${known.join(', ')}; or leave it out.` : 'This server offers no choice: leave it out.';
  throw new CoracleError('INVALID_REQUEST', `runtime: ${JSON.stringify(asked.slice(0, 64))} is not offered. ${remedy}`);
}
