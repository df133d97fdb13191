import { bridgePrefix } from '../bridges.ts';

export interface RulesOptions {
  readonly instance: string;
  /** IPv4 addresses and networks that may be reached besides the public ones. */
  readonly allowed: readonly string[];
  /** IPv4 addresses that may be asked for names wherever they are, on this machine too. */
  readonly resolvers: readonly string[];
  /** Where the networks of sandboxes lie. */
  readonly subnets: readonly string[];
}

export interface Chain {
  readonly name: string;
  readonly rules: readonly string[];
}

/** A jump from a chain that is not ours. */
export interface Hook {
  readonly from: 'DOCKER-USER' | 'FORWARD' | 'INPUT';
  readonly match: string;
  readonly to: string;
}

/** Rules of the table "filter". */
export interface RuleSet {
  readonly chains: readonly Chain[];
  readonly hooks: readonly Hook[];
}

/** What the names of all chains of all servers begin with. */
export const CHAIN_PREFIX = 'CORACLE-';

/**
 * Everything that is not public (https://www.iana.org/assignments/iana-ipv4-special-registry): this network, private, shared (CGNAT), loopback,
 * link-local with the metadata of clouds, protocol assignments, benchmarks, multicast, reserved and broadcast. The ranges for documentation are left out: nothing is there.
 */
export const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Refused so that a program is told at once, and does not wait. */
const REFUSE = '-j REJECT --reject-with icmp-admin-prohibited';

/**
 * Nothing here asks whether a connection is an old one, but for what comes back: a connection that was opened while rules lacked ends with their return.
 * RETURN leaves it to the machine's own rules whether a packet goes on.
 */
export function ipv4Rules({ instance, allowed, resolvers, subnets }: RulesOptions): RuleSet {
  const { out, back, host, bridges } = names(instance);
  const names53 = resolvers.flatMap((address) => ['udp', 'tcp'].map((protocol) => `-d ${address}/32 -p ${protocol} -m ${protocol} --dport 53 -j RETURN`));
  return {
    chains: [
      {
        name: out,
        rules: [
          // A port of this machine that it hands on to somebody else.
          `-m conntrack --ctstate DNAT ${REFUSE}`,
          ...subnets.map((subnet) => `-d ${subnet} ${REFUSE}`),
          ...names53,
          ...allowed.map((network) => `-d ${network} -j RETURN`),
          ...NOT_PUBLIC.map((network) => `-d ${network} ${REFUSE}`),
        ],
      },
      { name: back, rules: ['-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN', '-j DROP'] },
      { name: host, rules: [...names53, REFUSE] },
    ],
    hooks: [
      { from: 'DOCKER-USER', match: `-i ${bridges}`, to: out },
      { from: 'DOCKER-USER', match: `-o ${bridges}`, to: back },
      { from: 'INPUT', match: `-i ${bridges}`, to: host },
    ],
  };
}

/** The networks have no IPv6, but a bridge has an address of its own. The engine need not have DOCKER-USER here. */
export function ipv6Rules({ instance }: Pick<RulesOptions, 'instance'>): RuleSet {
  const { out, bridges } = names(instance);
  return {
    chains: [{ name: out, rules: ['-j DROP'] }],
    hooks: [
      { from: 'FORWARD', match: `-i ${bridges}`, to: out },
      { from: 'FORWARD', match: `-o ${bridges}`, to: out },
      { from: 'INPUT', match: `-i ${bridges}`, to: out },
    ],
  };
}

function names(instance: string) {
  const prefix = bridgePrefix(instance);
  const own = CHAIN_PREFIX + prefix;
  return { out: `${own}-OUT`, back: `${own}-BACK`, host: `${own}-HOST`, bridges: `${prefix}+` };
}
