import type { ContainerLimits } from '../process/limits.ts';
import type { RequestMaxima } from './limits.ts';

/** As asked for in a request; what is absent was not. */
export type RequestedLimits = { readonly [Name in keyof ContainerLimits]?: ContainerLimits[Name] | undefined };

export interface LimitRules {
  /** What a container has when nobody says anything, and may have at most where nothing else is said. */
  readonly usual: ContainerLimits;
  readonly sandbox: Partial<ContainerLimits>;
  readonly most: Pick<RequestMaxima, 'memoryBytes' | 'cpus' | 'pids' | 'diskBytes'>;
}

/** A request may ask for less than its sandbox has, and for more as far as its tenant may; one that asks for more than that gets as much as it may. */
export function limitsInForce(requested: RequestedLimits, { usual, sandbox, most }: LimitRules): ContainerLimits {
  const maxima = { memoryBytes: most.memoryBytes, cpus: most.cpus, pids: most.pids, tmpBytes: most.diskBytes };
  function decide(name: keyof ContainerLimits): number {
    const base = sandbox[name] ?? usual[name];
    const maximum = Number.isFinite(maxima[name]) ? maxima[name] : Math.max(base, usual[name]);
    return Math.min(requested[name] ?? base, maximum);
  }
  return { memoryBytes: decide('memoryBytes'), cpus: decide('cpus'), pids: decide('pids'), tmpBytes: decide('tmpBytes') };
}
