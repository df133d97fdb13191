import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { bridgePrefix } from '../../src/engine/bridges.ts';
import { createIptables } from '../../src/engine/iptables/iptables.ts';
import { createFakeFirewall } from '../support/fake-firewall.ts';
import { command, requireRoot } from '../support/host.ts';
import { rulesOf } from '../support/rules.ts';
import { describeFirewall } from './firewall.ts';

const OPTIONS = { allowed: ['10.7.0.0/16'], resolvers: ['203.0.113.53', '10.9.9.9'], subnets: ['198.18.0.0/15'] };

describeFirewall('fake', () => {
  const firewall = createFakeFirewall();
  return { firewall, foreign: createFakeFirewall(), dispose: async () => undefined };
});

describeFirewall('iptables', () => {
  requireRoot('This test changes rules of the machine');
  const instance = randomUUID();
  const [firewall, foreign] = [instance, `${instance}-another`].map((name) => createIptables({ ...OPTIONS, instance: name }));
  if (!firewall || !foreign) throw new Error('unreachable');
  return {
    firewall,
    foreign,
    async dispose() {
      await firewall.lower();
      await foreign.lower();
    },
  };
});

/** The rules of an instance that is gone at the end, and its chain for what sandboxes send. */
async function raised() {
  const instance = randomUUID();
  const firewall = createIptables({ ...OPTIONS, instance });
  await firewall.raise();
  return { instance, firewall, chain: `CORACLE-${bridgePrefix(instance)}-OUT`, [Symbol.asyncDispose]: () => firewall.lower() };
}

test('iptables: another process raises the same rules, and they are there once', async () => {
  await using first = await raised();
  const before = await rulesOf(first.instance);
  expect(await createIptables({ ...OPTIONS, instance: first.instance }).raise()).toBe('raised');
  expect(await rulesOf(first.instance)).toEqual(before);
});

test.each([
  ['flushed', (chain: string) => command('iptables', '-w', '-F', chain)],
  ['opened by a rule in front', (chain: string) => command('iptables', '-w', '-I', chain, '-j', 'RETURN')],
  [
    'changed in one rule',
    async (chain: string) => {
      await command('iptables', '-w', '-R', chain, '3', '-d', '203.0.113.0/24', '-j', 'RETURN');
    },
  ],
  ['preceded where it is jumped to', () => command('iptables', '-w', '-I', 'DOCKER-USER', '-i', 'nobody0', '-j', 'ACCEPT')],
] as const)('iptables: a chain that was %s is as it was after the next raise', async (_how, harm) => {
  await using own = await raised();
  const before = await rulesOf(own.instance);
  try {
    await harm(own.chain);
    expect(await own.firewall.raise()).toBe('raised');
    expect(await rulesOf(own.instance)).toEqual(before);
    expect(await own.firewall.raise()).toBe('kept');
  } finally {
    await command('iptables', '-w', '-D', 'DOCKER-USER', '-i', 'nobody0', '-j', 'ACCEPT').catch(() => undefined);
  }
});

test('iptables: what is lowered leaves nothing', async () => {
  const own = await raised();
  expect(await rulesOf(own.instance)).not.toEqual([]);
  await own.firewall.lower();
  expect(await rulesOf(own.instance)).toEqual([]);
});
