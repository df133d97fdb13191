import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { bridgeName, bridgePrefix } from '../../../../src/engine/bridges.ts';
import { ipv4Rules, ipv6Rules, type RuleSet } from '../../../../src/engine/iptables/rules.ts';

const OPTIONS = { instance: 'inst_1', allowed: ['10.7.0.0/16', '192.168.5.5'], resolvers: ['203.0.113.53', '10.9.9.9'], subnets: ['198.18.0.0/15'] };
const PREFIX = bridgePrefix('inst_1');

/** What becomes of a new connection from a sandbox, by the rules as iptables would go through them. */
function fateOf(
  { chains, hooks }: RuleSet,
  { to, port = 80, isDnat = false, hook = 0 }: { to: string; port?: number; isDnat?: boolean; hook?: number },
): string {
  const rules = chains.find(({ name }) => name === hooks[hook]?.to)?.rules ?? [];
  const found = rules.find((rule) => {
    const network = /-d (\S+)/.exec(rule)?.[1];
    const isThere = network === undefined || ipaddr.parse(to).match(ipaddr.parseCIDR(network.includes('/') ? network : `${network}/32`));
    return isThere && (!rule.includes('--dport') || port === 53) && (!rule.includes('DNAT') || isDnat) && !rule.includes('ESTABLISHED');
  });
  return /-j (\w+)/.exec(found ?? '-j RETURN')?.[1] ?? '';
}

test.each([
  ['a public address', { to: '8.8.8.8' }, 'RETURN'],
  ['another', { to: '203.0.113.9' }, 'RETURN'],
  ['the last before the private ones', { to: '9.255.255.255' }, 'RETURN'],
  ['the first after them', { to: '11.0.0.0' }, 'RETURN'],
  ['the first after the second private range', { to: '172.32.0.1' }, 'RETURN'],
  ['metadata', { to: '169.254.169.254' }, 'REJECT'],
  ["a cloud's other metadata", { to: '100.100.100.200' }, 'REJECT'],
  ["a task's metadata", { to: '169.254.170.2' }, 'REJECT'],
  ['10/8', { to: '10.0.0.1' }, 'REJECT'],
  ['172.16/12, its end', { to: '172.31.255.254' }, 'REJECT'],
  ["Docker's default bridge", { to: '172.17.0.2' }, 'REJECT'],
  ['192.168/16', { to: '192.168.0.1' }, 'REJECT'],
  ['CGNAT', { to: '100.64.0.1' }, 'REJECT'],
  ['loopback', { to: '127.0.0.1' }, 'REJECT'],
  ['this network', { to: '0.0.0.0' }, 'REJECT'],
  ['multicast', { to: '224.0.0.251', port: 5353 }, 'REJECT'],
  ['broadcast', { to: '255.255.255.255' }, 'REJECT'],
  ['another sandbox', { to: '198.19.3.2' }, 'REJECT'],
  ['what the operator allows', { to: '10.7.200.1' }, 'RETURN'],
  ['one address that he allows', { to: '192.168.5.5' }, 'RETURN'],
  ['its neighbour', { to: '192.168.5.6' }, 'REJECT'],
  ['a private resolver', { to: '10.9.9.9', port: 53 }, 'RETURN'],
  ['another port of it', { to: '10.9.9.9', port: 22 }, 'REJECT'],
  ['a port of the host that leads on', { to: '8.8.8.8', isDnat: true }, 'REJECT'],
  ['one to an allowed network', { to: '10.7.0.1', isDnat: true }, 'REJECT'],
] as const)('to %s: %o is %s', (_title, packet, fate) => {
  expect(fateOf(ipv4Rules(OPTIONS), packet)).toBe(fate);
});

test('of the host nothing answers but a resolver on it', () => {
  const rules = ipv4Rules(OPTIONS);
  expect(fateOf(rules, { hook: 2, to: '198.18.0.1' })).toBe('REJECT');
  expect(fateOf(rules, { hook: 2, to: '10.7.0.1' })).toBe('REJECT');
  expect(fateOf(rules, { hook: 2, to: '8.8.8.8', port: 53 })).toBe('REJECT');
  expect(fateOf(rules, { hook: 2, to: '10.9.9.9', port: 53 })).toBe('RETURN');
});

test('to a sandbox comes only what belongs to a connection of its own', () => {
  const back = ipv4Rules(OPTIONS).chains[1];
  expect(back?.rules).toEqual(['-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN', '-j DROP']);
});

test('an operator who allows everything does not open the way from one sandbox to another', () => {
  expect(fateOf(ipv4Rules({ ...OPTIONS, allowed: ['0.0.0.0/0'] }), { to: '198.18.0.66' })).toBe('REJECT');
});

test('with IPv6 nothing goes anywhere', () => {
  const { chains, hooks } = ipv6Rules(OPTIONS);
  expect(chains.map(({ rules }) => rules)).toEqual([['-j DROP']]);
  expect(hooks.map(({ from, match }) => `${from} ${match}`)).toEqual([`FORWARD -i ${PREFIX}+`, `FORWARD -o ${PREFIX}+`, `INPUT -i ${PREFIX}+`]);
});

test('the rules of an instance are for all of its bridges, and no others', () => {
  expect(bridgeName('inst_1', 'sbx_1')).toMatch(new RegExp(`^${PREFIX}[a-z2-7]{7}$`));
  expect(bridgeName('inst_1', 'sbx_1')).toHaveLength(15);
  expect(bridgeName('inst_1', 'sbx_2')).not.toBe(bridgeName('inst_1', 'sbx_1'));
  expect(bridgePrefix('inst_2')).not.toBe(PREFIX);
  for (const { match } of ipv4Rules(OPTIONS).hooks) expect(match).toMatch(new RegExp(`^-[io] ${PREFIX}\\+$`));
  const names = ipv4Rules(OPTIONS).chains.map(({ name }) => name);
  for (const name of names) expect(name.length).toBeLessThanOrEqual(28);
});
