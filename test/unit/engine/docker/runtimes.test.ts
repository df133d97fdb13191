import { expect, test } from 'vitest';
import { isGvisor, runtimeTraits } from '../../../../src/engine/docker/runtimes.ts';

test.each([
  ['runc', { path: 'runc' }, false],
  ['runsc', { path: '/usr/bin/runsc' }, true],
  ['sandboxed', { path: '/usr/local/bin/runsc', runtimeArgs: ['--platform=kvm'] }, true],
  ['safe', { type: 'io.containerd.runsc.v1' }, true],
  ['gvisor', {}, true],
  ['kata', { type: 'io.containerd.kata.v2' }, false],
  ['crun', { path: '/opt/runsc-tools/crun' }, false],
])('%s of %j is gVisor: %j', (name, entry, expected) => {
  expect(isGvisor(name, entry)).toBe(expected);
});

test('an old engine that says nothing of runtimes has runc', () => {
  expect(runtimeTraits({})).toEqual({ defaultRuntime: 'runc', gvisorRuntimes: [] });
});

test('the traits of an engine with several', () => {
  const info = { DefaultRuntime: 'runsc', Runtimes: { runc: { path: 'runc' }, runsc: { path: '/usr/bin/runsc' } } };
  expect(runtimeTraits(info)).toEqual({ defaultRuntime: 'runsc', gvisorRuntimes: ['runsc'] });
});
