import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text);
const isNetwork = (text: string) => ipaddr.IPv4.isValidCIDRFourPartDecimal(text);

function listOf(isValid: (text: string) => boolean, message: string, standard = '') {
  const toList = (text: string) => text.split(/[\s,]+/).filter((part) => part !== '');
  return z
    .string()
    .default(standard)
    .transform(toList)
    .refine((list) => list.every(isValid), message);
}

/** A resolver on the loopback of this machine is none for a container, which has a loopback of its own. */
const resolvers = listOf(
  (text) => isAddress(text) && !text.startsWith('127.'),
  'must be IPv4 addresses that a container can reach: none of 127.0.0.0/8',
  '1.1.1.1, 8.8.8.8',
).refine((list) => list.length >= 1 && list.length <= 3, 'must be one to three addresses');

/** Of the ranges that are set aside for tests of networks: nobody's network has them, so that they hide no other from the machine (RFC 2544). */
const SUBNETS = '198.18.0.0/15';

/** What sandboxes with internet access get. Spread into the one schema of the configuration. */
export const egressSettings = {
  CORACLE_EGRESS: z.stringbool().default(false).describe('Whether sandboxes that ask for internet_access get it: on or off'),
  CORACLE_EGRESS_ALLOW: listOf(
    (text) => isAddress(text) || isNetwork(text),
    'must be IPv4 addresses or networks like 10.1.0.0/16: the networks of sandboxes have no IPv6',
  ).describe('Private networks that they may reach besides the public ones'),
  CORACLE_EGRESS_DNS: resolvers.describe('The resolvers that they ask for names'),
  CORACLE_EGRESS_SUBNETS: listOf(isNetwork, 'must be IPv4 networks like 198.18.0.0/15', SUBNETS)
    .refine((list) => list.length > 0, 'must be at least one network')
    .describe('Where the addresses of their networks are taken from'),
};

type EgressValues = z.output<z.ZodObject<typeof egressSettings>>;

export interface EgressConfig {
  readonly isOn: boolean;
  /** IPv4 addresses and networks. */
  readonly allowed: readonly string[];
  readonly resolvers: readonly string[];
  readonly subnets: readonly string[];
}

export function toEgress(value: EgressValues): EgressConfig {
  return {
    isOn: value.CORACLE_EGRESS,
    allowed: value.CORACLE_EGRESS_ALLOW,
    resolvers: value.CORACLE_EGRESS_DNS,
    subnets: value.CORACLE_EGRESS_SUBNETS,
  };
}
