import { describe, expect, it } from 'vitest';
import { egressTargets, judgeEgress, judgeRules, notOffered, type Target, targetsText } from '../../../src/doctor/egress.ts';

const SURROUNDINGS = { hostAddresses: ['192.0.2.2', '172.17.0.1'], port: 4444, allowed: [], resolvers: ['1.1.1.1', '8.8.8.8'] };
const TARGETS = egressTargets(SURROUNDINGS);

/** What the program says: everything is held but these. */
function said(reached: (target: Target) => boolean): string {
  return TARGETS.map((target, number) => `${number} ${reached(target) ? 'reached' : 'held'}\n`).join('');
}
const toResolvers = ({ is }: Target) => is === 'resolver';
const levels = (stdout: string) => judgeEgress(TARGETS, stdout).map(({ check, level }) => `${check} ${level}`);

describe('what a container with a network tries', () => {
  it('is this machine by every address, metadata, private ranges and the resolvers', () => {
    const text = targetsText(TARGETS);
    expect(text).toMatch(/^gateway,4444 192\.0\.2\.2,4444 172\.17\.0\.1,4444 gateway,22 169\.254\.169\.254,80 /);
    expect(text).toMatch(/ 10\.0\.0\.1,80 172\.16\.0\.1,80 192\.168\.0\.1,80 1\.1\.1\.1,53 8\.8\.8\.8,53$/);
  });

  it('leaves out what the operator allows', () => {
    const allowed = ['10.0.0.0/8', '192.168.0.1'];
    const addresses = egressTargets({ ...SURROUNDINGS, allowed }).map(({ address }) => address);
    expect(addresses).not.toContain('10.0.0.1');
    expect(addresses).not.toContain('192.168.0.1');
    expect(addresses).toContain('172.16.0.1');
  });

  it('is no more than a container may have processes', () => {
    const hostAddresses = Array.from({ length: 500 }, (_, number) => `10.3.1.${number}`);
    expect(egressTargets({ ...SURROUNDINGS, hostAddresses }).length).toBeLessThan(25);
  });
});

describe('a container with a network', () => {
  it('is good when it reaches a resolver, and nothing else', () => {
    expect(levels(said(toResolvers))).toEqual(['egress.host good', 'egress.private good', 'egress.names good']);
  });

  it('is dangerous when it reaches this machine, even a port where nobody listens', () => {
    const [host] = judgeEgress(
      TARGETS,
      said((target) => target.address === 'gateway' && target.port === 22),
    );
    expect(host).toMatchObject({
      check: 'egress.host',
      level: 'dangerous',
      what: expect.stringContaining('gateway:22'),
      remedy: expect.stringContaining('CORACLE_EGRESS=off'),
    });
  });

  it('is dangerous when it reaches metadata', () => {
    const reached = said((target) => toResolvers(target) || target.address === '169.254.169.254');
    expect(levels(reached)).toEqual(['egress.host good', 'egress.private dangerous', 'egress.names good']);
  });

  it('is told of when it finds no names', () => {
    const [, , names] = judgeEgress(
      TARGETS,
      said(() => false),
    );
    expect(names).toMatchObject({ level: 'advice', what: expect.stringContaining('1.1.1.1, 8.8.8.8'), remedy: expect.stringContaining('CORACLE_EGRESS_DNS') });
  });

  it.each(['', 'perl: not found\n', said(toResolvers).split('\n').slice(1).join('\n')])('that does not tell of everything is dangerous: %j', (stdout) => {
    expect(levels(stdout)).toEqual(['egress dangerous']);
  });
});

it('where none is offered it is said why, and what to do, and is no danger', () => {
  const found = notOffered({ what: 'the server is not root', remedy: 'Run it as root.' });
  expect(found).toMatchObject({
    check: 'egress',
    level: 'advice',
    what: expect.stringMatching(/no sandbox gets a network: the server is not root$/),
    remedy: 'Run it as root.',
  });
});

it.each([
  [0, false, 'good'],
  [2, true, 'good'],
  [2, false, 'dangerous'],
])('with %i networks and rules in place: %s, it is %s', (networks, areRaised, level) => {
  expect(judgeRules(networks, areRaised)).toMatchObject({ check: 'egress.rules', level });
});
