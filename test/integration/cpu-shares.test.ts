import { randomUUID } from 'node:crypto';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { expect, it } from 'vitest';
import { containerOptions } from '../../src/engine/docker/container-options.ts';
import { readTraits } from '../../src/engine/docker/docker-engine.ts';
import { docker } from '../support/docker.ts';
import { imageReference } from '../support/images.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const CROWD = 4;
/** Of CPU, that all have got together, since the last of them started, when their parts are compared. */
const ENOUGH_NS = 6e9;
/** In each container, for each CPU: the more there are, the better they are spread. */
const SPINNERS = 4;

type Change = (config: NonNullable<ContainerCreateOptions['HostConfig']>) => ContainerCreateOptions['HostConfig'];

/** Some containers of one tenant and one of another, each of which could keep every CPU busy alone: the other one's part of what all got, by the kernel's counters. On runc: gVisor by ptrace keeps no CPU busy. */
async function partOfOne(change: Change): Promise<number> {
  const containers: Container[] = [];
  const instance = `test-${randomUUID()}`;
  const traits = await readTraits({ docker, instance, imageReference });
  const limits = { memoryBytes: 64 * MIB, cpus: traits.cpus, pids: 32 + SPINNERS * traits.cpus, tmpBytes: 8 * MIB };
  try {
    for (const tenant of ['lonely', ...Array<string>(CROWD).fill('crowd')]) {
      const spec = { scope: { tenant, sandbox: 'default' }, image: 'bash', sandboxId: instance, uid: 20_124, runtime: 'runc', limits };
      const { HostConfig = {}, ...options } = containerOptions(spec, traits);
      const spin = ['/bin/bash', '-c', `for i in {1..${SPINNERS * traits.cpus}}; do while :; do :; done & done; wait`];
      containers.push(await docker.createContainer({ ...options, Cmd: spin, HostConfig: { ...change(HostConfig), Mounts: [] } }));
    }
    await Promise.all(containers.map((container) => container.start()));
    const before = await Promise.all(containers.map(cpuOf));
    return await until(async () => {
      const used = (await Promise.all(containers.map(cpuOf))).map((now, index) => now - (before[index] ?? 0));
      const all = used.reduce((sum, each) => sum + each, 0);
      return all > ENOUGH_NS && (used[0] ?? 0) / all;
    }, 'them to have used the CPUs');
  } finally {
    await Promise.all(containers.map((container) => container.remove({ force: true })));
  }
}

async function cpuOf(container: Container): Promise<number> {
  const { cpu_stats: cpu } = await container.stats({ stream: false, 'one-shot': true });
  return cpu.cpu_usage.total_usage;
}

it('CPUs are shared between tenants, however many containers one of them has', async () => {
  const [held, lost] = [await partOfOne((config) => config), await partOfOne(({ CgroupParent: _, ...config }) => config)];
  // A half and a fifth, as far as the kernel spreads them evenly: 0.42 to 0.47 and 0.19 to 0.21 on two CPUs with 50 others waiting.
  expect(held).toBeGreaterThan(0.27);
  expect(lost).toBeLessThan(0.27);
});
