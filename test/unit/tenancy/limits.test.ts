import { expect, test } from 'vitest';
import { limitsOf, type Overrides, UNLIMITED } from '../../../src/tenancy/limits.ts';

const rules = (defaults: Overrides, acme?: Overrides) => ({ defaults, tenants: new Map(acme ? [['acme', acme]] : []) });

test('without rules nothing is limited', () => {
  expect(limitsOf(rules({}), 'acme')).toEqual(UNLIMITED);
});

test('what is said of a tenant comes before what is said for all, limit by limit', () => {
  const given = rules({ processes: 2, queued: 5, most: { cpus: 1, timeoutSeconds: 60 } }, { queued: 9, most: { cpus: 4 } });
  expect(limitsOf(given, 'acme')).toEqual({ ...UNLIMITED, processes: 2, queued: 9, most: { ...UNLIMITED.most, cpus: 4, timeoutSeconds: 60 } });
  expect(limitsOf(given, 'globex')).toEqual({ ...UNLIMITED, processes: 2, queued: 5, most: { ...UNLIMITED.most, cpus: 1, timeoutSeconds: 60 } });
});

test.each(['__proto__', 'constructor', 'toString'])('a tenant named %s is one like any other', (tenant) => {
  expect(limitsOf(rules({ processes: 2 }), tenant)).toEqual({ ...UNLIMITED, processes: 2 });
});
