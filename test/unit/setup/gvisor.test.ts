import { describe, expect, it } from 'vitest';
import { withRunsc } from '../../../src/setup/gvisor.ts';

const RUNSC = { path: '/usr/bin/runsc', runtimeArgs: ['--platform=ptrace', '--network=none'] };

describe("the engine's settings with gVisor in them", () => {
  it.each([
    ['nothing', '', { runtimes: { runsc: RUNSC } }],
    ['an empty object', '{}', { runtimes: { runsc: RUNSC } }],
    ['other settings', '{"live-restore": true}', { 'live-restore': true, runtimes: { runsc: RUNSC } }],
    ['another runtime', '{"runtimes": {"crun": {"path": "/usr/bin/crun"}}}', { runtimes: { runsc: RUNSC, crun: { path: '/usr/bin/crun' } } }],
    ["the operator's own runsc", '{"runtimes": {"runsc": {"path": "/opt/runsc"}}}', { runtimes: { runsc: { path: '/opt/runsc' } } }],
  ])('from %s', (_what, written, expected) => {
    expect(JSON.parse(withRunsc(written))).toEqual(expected);
  });

  it('never lets the sandbox out of its cgroup', () => {
    expect(withRunsc('')).not.toContain('ignore-cgroups');
  });

  it('leaves settings that it cannot read alone, in words', () => {
    expect(() => withRunsc('{"live-restore": tru')).toThrow(/daemon.json is no JSON .*Mend it/);
  });
});
