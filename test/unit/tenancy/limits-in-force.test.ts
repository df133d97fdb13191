import { expect, test } from 'vitest';
import type { ContainerLimits } from '../../../src/process/limits.ts';
import { UNLIMITED } from '../../../src/tenancy/limits.ts';
import { type LimitRules, limitsInForce, type RequestedLimits } from '../../../src/tenancy/limits-in-force.ts';

const USUAL: ContainerLimits = { memoryBytes: 512, cpus: 1, pids: 128, tmpBytes: 64 };
const rules = (differences: Partial<LimitRules> = {}): LimitRules => ({ usual: USUAL, sandbox: {}, most: UNLIMITED.most, ...differences });
const most = (maxima: Partial<LimitRules['most']>) => ({ ...UNLIMITED.most, ...maxima });

const cases: [title: string, RequestedLimits, LimitRules, Partial<ContainerLimits>][] = [
  ['nobody says anything', {}, rules(), {}],
  ['a request wants less', { memoryBytes: 100, cpus: 0.5, pids: 10, tmpBytes: 1 }, rules(), { memoryBytes: 100, cpus: 0.5, pids: 10, tmpBytes: 1 }],
  ['a request wants more, and nobody has said that it may', { memoryBytes: 1000, cpus: 8 }, rules(), {}],
  ['a request wants more, and its tenant may', { memoryBytes: 1000 }, rules({ most: most({ memoryBytes: 2000 }) }), { memoryBytes: 1000 }],
  ['a request wants more than its tenant may', { memoryBytes: 9000 }, rules({ most: most({ memoryBytes: 2000 }) }), { memoryBytes: 2000 }],
  ['a tenant may have less than the server has', {}, rules({ most: most({ memoryBytes: 100, diskBytes: 8 }) }), { memoryBytes: 100, tmpBytes: 8 }],
  ['a sandbox has more', {}, rules({ sandbox: { memoryBytes: 700 } }), { memoryBytes: 700 }],
  ['a request wants more than its sandbox has', { memoryBytes: 800 }, rules({ sandbox: { memoryBytes: 700 } }), { memoryBytes: 700 }],
  ['a sandbox has less, and a request wants what the server has', { memoryBytes: 512 }, rules({ sandbox: { memoryBytes: 100 } }), { memoryBytes: 512 }],
  ['a sandbox has more than its tenant may', {}, rules({ sandbox: { cpus: 4 }, most: most({ cpus: 2 }) }), { cpus: 2 }],
];

test.each(cases)('when %s', (_title, ...[requested, given, expected]) => {
  expect(limitsInForce(requested, given)).toEqual({ ...USUAL, ...expected });
});
