import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { bridgeName } from '../../src/engine/bridges.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { Egress } from '../../src/engine/docker/networks.ts';
import { newId } from '../../src/ids.ts';
import { cleanEngine, docker, networksOf } from '../support/docker.ts';
import { createFakeFirewall, type FakeFirewall } from '../support/fake-firewall.ts';
import { imageReference } from '../support/images.ts';
import { specOf } from '../support/leftovers.ts';

const NEVER = new AbortController().signal;

interface Rig extends AsyncDisposable {
  readonly instance: string;
  readonly firewall: FakeFirewall;
  readonly engine: ReturnType<typeof createDockerEngine>;
  /** Makes a container with a network in a sandbox. */
  prepare(sandboxId?: string): ReturnType<ReturnType<typeof createDockerEngine>['prepare']>;
}

/** An engine whose rules are the test's to break; nothing of it is left on the real one. */
function rig(differences: Partial<Egress> = {}, firewall = createFakeFirewall()): Rig {
  const instance = `test-${randomUUID()}`;
  const egress = { firewall, subnets: ['198.19.0.0/16'], prefix: 29, resolvers: ['203.0.113.53'], isOffered: () => true, ...differences };
  const engine = createDockerEngine({ docker, instance, imageReference, egress });
  return {
    instance,
    firewall,
    engine,
    prepare: (sandboxId = newId('sbx')) => engine.prepare({ ...specOf(sandboxId), network: 'internet', runtime: 'runc' }, NEVER),
    [Symbol.asyncDispose]: () => cleanEngine(instance),
  };
}

/** Names of the networks that a container is in. */
async function networksIn(containerId: string): Promise<string[]> {
  return Object.keys((await docker.getContainer(containerId).inspect()).NetworkSettings.Networks);
}

test('a sandbox has a bridge of its own, whose containers cannot reach each other, and it has no IPv6', async () => {
  await using own = rig();
  const sandboxId = newId('sbx');
  const { id } = await own.prepare(sandboxId);
  expect(await networksIn(id)).toEqual([`coracle-${sandboxId}`]);
  const network = await docker.getNetwork(`coracle-${sandboxId}`).inspect();
  expect(network).toMatchObject({ Driver: 'bridge', EnableIPv6: false, Internal: false });
  expect(network.Options).toMatchObject({
    'com.docker.network.bridge.name': bridgeName(own.instance, sandboxId),
    'com.docker.network.bridge.enable_icc': 'false',
  });
  expect(network.IPAM?.Config).toEqual([{ Subnet: expect.stringMatching(/^198\.19\.\d+\.\d+\/29$/) }]);
});

test('rules are raised before the first network, and lowered with the last', async () => {
  await using own = rig();
  const ids = [newId('sbx'), newId('sbx')];
  const containers = await Promise.all(ids.map((id) => own.prepare(id)));
  await (await own.prepare(ids[0])).remove();
  expect(own.firewall.calls).toEqual(['raise', 'raise']);
  for (const container of containers) await container.remove();
  for (const id of ids) await own.engine.removeNetwork(id);
  expect(own.firewall.calls).toEqual(['raise', 'raise', 'lower']);
  expect(await networksOf(own.instance)).toEqual([]);
});

test('where no rules can be raised nobody gets a network, also not one that is there', async () => {
  await using own = rig();
  const sandboxId = newId('sbx');
  await own.prepare(sandboxId);
  own.firewall.breakDown();
  await expect(own.prepare()).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  await expect(own.engine.guardNetworks()).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  await expect(own.prepare(sandboxId)).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  expect(await networksOf(own.instance)).toEqual([`coracle-${sandboxId}`]);
});

test('a bridge that is not of this machine is no bridge of ours', async () => {
  await using own = rig({}, createFakeFirewall({ seesBridges: false }));
  await expect(own.prepare()).rejects.toMatchObject({ code: 'ENGINE_REFUSED', message: expect.stringMatching(/not on the machine/) });
  expect(own.firewall.calls).toEqual(['raise', 'lower']);
  expect(await networksOf(own.instance)).toEqual([]);
});

test('when no addresses are left it says so, and says what to do', async () => {
  const subnets = [`198.19.${Math.floor(Math.random() * 200)}.8/29`];
  await using own = rig({ subnets });
  const [first, second] = [newId('sbx'), newId('sbx')];
  const container = await own.prepare(first);
  await expect(own.prepare(second)).rejects.toMatchObject({ code: 'ENGINE_REFUSED', message: expect.stringMatching(/CORACLE_EGRESS_SUBNETS/) });
  await container.remove();
  await own.engine.removeNetwork(first);
  await own.prepare(second);
});

test('where none is offered any more, networks go from under their containers, which go on', async () => {
  const offer = { is: true };
  await using own = rig({ isOffered: () => offer.is });
  const { id } = await own.prepare();
  offer.is = false;
  await own.engine.guardNetworks();
  expect(await networksOf(own.instance)).toEqual([]);
  const { State, NetworkSettings } = await docker.getContainer(id).inspect();
  expect([
    State.Running,
    Object.values(NetworkSettings.Networks)
      .map(({ IPAddress }) => IPAddress)
      .filter(Boolean),
  ]).toEqual([true, []]);
  expect(await networksIn((await own.prepare()).id)).toEqual([]);
});

test('as long as nobody knows whether it is offered, none is made without what it may turn out to have', async () => {
  await using own = rig({ isOffered: () => undefined });
  await expect(own.prepare()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});

test("a network of that name that is another's is not used", async () => {
  await using own = rig();
  const sandboxId = newId('sbx');
  const foreign = await docker.createNetwork({ Name: `coracle-${sandboxId}`, IPAM: { Config: [{ Subnet: '198.19.255.248/29' }] }, Driver: 'bridge' });
  try {
    await expect(own.prepare(sandboxId)).rejects.toMatchObject({ code: 'ENGINE_REFUSED', message: expect.stringMatching(/Another/) });
  } finally {
    await foreign.remove();
  }
});
