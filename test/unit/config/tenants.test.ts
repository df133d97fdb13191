import { describe, expect, it } from 'vitest';
import { parseTenants } from '../../../src/config/tenants.ts';
import { limitsOf, UNLIMITED } from '../../../src/tenancy/limits.ts';

const MIB = 1024 * 1024;
const everything = {
  processes: 4,
  queued: 0,
  sandboxes: 5,
  workspace_mb: 100,
  memory_mb: 2_048,
  cpus: 1.5,
  requests_per_minute: 600,
  retained_mb: 50,
  most: { memory_mb: 512, cpus: 0.5, pids: 64, disk_mb: 10, output_bytes: 4_096, timeout: 60 },
};

describe('the file of tenants', () => {
  it('may say everything, in the units of its names', () => {
    expect(limitsOf(parseTenants(JSON.stringify({ defaults: everything })), 'acme')).toEqual({
      processes: 4,
      queued: 0,
      sandboxes: 5,
      workspaceBytes: 100 * MIB,
      memoryBytes: 2_048 * MIB,
      cpus: 1.5,
      requestsPerMinute: 600,
      retainedBytes: 50 * MIB,
      most: { memoryBytes: 512 * MIB, cpus: 0.5, pids: 64, diskBytes: 10 * MIB, outputBytes: 4_096, timeoutSeconds: 60 },
    });
  });

  it('may say nothing', () => {
    expect(limitsOf(parseTenants('{}'), 'acme')).toEqual(UNLIMITED);
  });

  it('may take a limit away from one tenant, and change one part of another', () => {
    const rules = parseTenants(JSON.stringify({ defaults: everything, tenants: { acme: { processes: null }, globex: { most: { cpus: 2 } } } }));
    expect(limitsOf(rules, 'acme')).toMatchObject({ processes: Number.POSITIVE_INFINITY, queued: 0 });
    expect(limitsOf(rules, 'globex')).toMatchObject({ processes: 4, most: { cpus: 2, pids: 64 } });
  });

  it.each([
    ['no JSON', '{"defaults":', /JSON/],
    ['a limit that does not exist', '{"defaults":{"proceses":3}}', /proceses/],
    ['a part that does not exist', '{"default":{}}', /default/],
    ['a limit of the wrong type', '{"defaults":{"processes":"3"}}', /defaults\.processes/],
    ['no process at all', '{"defaults":{"processes":0}}', /defaults\.processes/],
    ['a fraction', '{"tenants":{"acme":{"queued":1.5}}}', /tenants\.acme\.queued/],
    ['a negative one', '{"tenants":{"acme":{"most":{"timeout":-1}}}}', /most\.timeout/],
    ['a name that no token can carry', '{"tenants":{"a b":{}}}', /a b/],
    ['a list', '[]', /object/],
  ])('is refused with %s', (_title, text, words) => {
    expect(() => parseTenants(text)).toThrow(words);
  });

  it('is told every problem at once', () => {
    expect(() => parseTenants('{"defaults":{"processes":0,"queued":-1}}')).toThrow(/processes[\s\S]*queued|queued[\s\S]*processes/);
  });
});
