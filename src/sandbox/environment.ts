import { CoracleError } from '../errors.ts';

export type Environment = Readonly<Record<string, string>>;

/** What a sandbox has until somebody changes it: as in every image, so that it shows what is there and changes nothing. */
export const INITIAL_ENVIRONMENT: Environment = { HOME: '/workspace', LANG: 'C.UTF-8' };

export const MAX_VARIABLES = 256;
export const MAX_ENVIRONMENT_BYTES = 128 * 1024;

/** As the kernel counts: NAME=value and its end. */
export function environmentBytes(variables: Environment): number {
  return Object.entries(variables).reduce((bytes, [name, value]) => bytes + Buffer.byteLength(name) + Buffer.byteLength(value) + 2, 0);
}

export type EnvironmentChange =
  | { readonly kind: 'replace'; readonly variables: Environment }
  | { readonly kind: 'merge'; readonly variables: Environment }
  | { readonly kind: 'remove'; readonly name: string };

/** The environment after a change. Throws INVALID_REQUEST when it would be larger than an environment may be. */
export function changeEnvironment(current: Environment, change: EnvironmentChange): Environment {
  const changed = apply(current, change);
  if (Object.keys(changed).length > MAX_VARIABLES || environmentBytes(changed) > MAX_ENVIRONMENT_BYTES)
    throw new CoracleError(
      'INVALID_REQUEST',
      `The sandbox's environment would have more than ${MAX_VARIABLES} variables or ${MAX_ENVIRONMENT_BYTES / 1024} KiB. Remove some first.`,
    );
  return changed;
}

function apply(current: Environment, change: EnvironmentChange): Environment {
  switch (change.kind) {
    case 'replace':
      return change.variables;
    case 'merge':
      return { ...current, ...change.variables };
    case 'remove':
      return Object.fromEntries(Object.entries(current).filter(([name]) => name !== change.name));
  }
}
