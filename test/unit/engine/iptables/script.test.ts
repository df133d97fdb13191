import { expect, test } from 'vitest';
import type { RuleSet } from '../../../../src/engine/iptables/rules.ts';
import { isComplete, type Listing, lowering, ownLines, raising } from '../../../../src/engine/iptables/script.ts';

const RULES: RuleSet = {
  chains: [{ name: 'CORACLE-a-OUT', rules: ['-d 10.0.0.0/8 -j REJECT', '-d 11.0.0.0/8 -j REJECT'] }],
  hooks: [
    { from: 'DOCKER-USER', match: '-i a+', to: 'CORACLE-a-OUT' },
    { from: 'INPUT', match: '-i a+', to: 'CORACLE-a-OUT' },
  ],
};
const BEFORE: Listing = ['-P INPUT ACCEPT', '-P FORWARD DROP', '-N DOCKER-USER', '-A FORWARD -j DOCKER-USER', '-A DOCKER-USER -j RETURN', ''];
const CHAIN = ['-N CORACLE-a-OUT', '-A CORACLE-a-OUT -d 10.0.0.0/8 -j REJECT --reject-with icmp-port-unreachable', '-A CORACLE-a-OUT -d 11.0.0.0/8 -j REJECT'];
const [HOOK, IN_HOOK] = ['-A DOCKER-USER -i a+ -j CORACLE-a-OUT', '-A INPUT -i a+ -j CORACLE-a-OUT'];
const OTHER = '-A INPUT -i b+ -j CORACLE-b-HOST';

test.each([
  { title: 'everything is there', listing: [...CHAIN, HOOK, '-A DOCKER-USER -j RETURN', IN_HOOK], is: true },
  { title: "another server's jump is first", listing: [...CHAIN, HOOK, OTHER, IN_HOOK], is: true },
  { title: 'nothing is there', listing: BEFORE, is: false },
  { title: 'a rule lacks', listing: [...CHAIN.slice(0, 2), HOOK, IN_HOOK], is: false },
  { title: 'the chain was flushed', listing: [...CHAIN.slice(0, 1), HOOK, IN_HOOK], is: false },
  { title: 'a jump lacks', listing: [...CHAIN, HOOK], is: false },
  { title: 'a rule before a jump lets packets pass', listing: [...CHAIN, '-A DOCKER-USER -j RETURN', HOOK, IN_HOOK], is: false },
])('when $title: $is', ({ listing, is }) => {
  expect(isComplete(listing, RULES)).toBe(is);
});

test('raising fills the chains and puts the jumps in front, and takes away those that were there, however often', () => {
  const filled = [':CORACLE-a-OUT - [0:0]', '-A CORACLE-a-OUT -d 10.0.0.0/8 -j REJECT', '-A CORACLE-a-OUT -d 11.0.0.0/8 -j REJECT'];
  const jumps = ['-I DOCKER-USER -i a+ -j CORACLE-a-OUT', '-I INPUT -i a+ -j CORACLE-a-OUT'];
  expect(raising(BEFORE, RULES)).toBe(`*filter\n${[...filled, ...jumps].join('\n')}\nCOMMIT\n`);
  const taken = Array.from({ length: 2 }, () => '-D DOCKER-USER -i a+ -j CORACLE-a-OUT');
  const [declared, ...rest] = filled;
  expect(raising([...BEFORE, HOOK, HOOK], RULES)).toBe(`*filter\n${[declared, ...taken, ...rest, ...jumps].join('\n')}\nCOMMIT\n`);
});

test('lowering takes away what is there, and nothing of others', () => {
  expect(lowering([...BEFORE, OTHER], RULES)).toBeUndefined();
  const script = lowering([...BEFORE, ...CHAIN, IN_HOOK, OTHER], RULES);
  expect(script).toBe('*filter\n-D INPUT -i a+ -j CORACLE-a-OUT\n-F CORACLE-a-OUT\n-X CORACLE-a-OUT\nCOMMIT\n');
});

test('what is listed of the own chains tells when somebody has changed them', () => {
  expect(ownLines([...BEFORE, ...CHAIN, HOOK, OTHER, '-A CORACLE-a-OUTER -j DROP'], RULES)).toEqual(CHAIN);
});
