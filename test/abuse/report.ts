import type { AbuseCase, Group, Played } from './case.ts';
import type { Runtime } from './stage.ts';

export interface Result {
  readonly abuse: AbuseCase;
  readonly played: Played | undefined;
  /** What did not hold. */
  readonly problem: string | undefined;
}

/** The table that README shows, and what differs under gVisor. */
export function summarise(results: readonly Result[], { runtime, engine }: { runtime: Runtime; engine: string }): string {
  const groups = [...new Set(results.map(({ abuse }) => abuse.group))];
  const rows = groups.map((group) => `| ${group} | ${count(results, group)} | ${held(results, group)} |`);
  const total = `| all | ${results.length} | ${results.filter(({ problem }) => !problem).length} |`;
  const table = [`| ${runtime} on ${engine} | cases | contained |`, '|---|---|---|', ...rows, total];
  const differences = runtime === 'runc' ? [] : results.flatMap(({ abuse }) => (abuse.underGvisor ? [`- ${abuse.name}: ${abuse.underGvisor}`] : []));
  return [...table, '', ...differences].join('\n');
}

function count(results: readonly Result[], group: Group): number {
  return results.filter(({ abuse }) => abuse.group === group).length;
}

function held(results: readonly Result[], group: Group): number {
  return results.filter(({ abuse, problem }) => abuse.group === group && !problem).length;
}
