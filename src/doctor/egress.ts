import ipaddr from 'ipaddr.js';
import type { Obstacle } from '../engine/firewall.ts';
import { bad, type Finding, good } from './finding.ts';

export interface Target {
  /** IPv4, or `gateway` for that of the container's network. */
  readonly address: string;
  readonly port: number;
  readonly is: 'host' | 'private' | 'resolver';
}

export interface Surroundings {
  /** Every IPv4 address of this machine but its loopback. */
  readonly hostAddresses: readonly string[];
  /** Where somebody listens at each of them while it is tried. */
  readonly port: number;
  readonly allowed: readonly string[];
  readonly resolvers: readonly string[];
}

const SSH = 22;
/** Metadata of clouds, and one of each private range. */
const PRIVATE = ['169.254.169.254', '100.100.100.200', '10.0.0.1', '172.16.0.1', '192.168.0.1'];
/** A container has only so many processes, and each target takes one. */
const MOST_HOST_ADDRESSES = 8;

/** What a container with a network tries to reach. What the operator allows proves nothing. */
export function egressTargets({ hostAddresses, port, allowed, resolvers }: Surroundings): Target[] {
  const isAllowed = (address: string) =>
    allowed.some((network) => ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(network.includes('/') ? network : `${network}/32`)));
  const host = ['gateway', ...hostAddresses.slice(0, MOST_HOST_ADDRESSES)];
  return [
    ...host.map((address) => ({ address, port, is: 'host' as const })),
    { address: 'gateway', port: SSH, is: 'host' },
    ...PRIVATE.filter((address) => !isAllowed(address)).map((address) => ({ address, port: 80, is: 'private' as const })),
    ...resolvers.map((address) => ({ address, port: 53, is: 'resolver' as const })),
  ];
}

/** Run by perl, as the probe is. Prints for each target its number and `reached` (taken or refused: somebody is there) or `held`, as soon as it knows. */
export const EGRESS_PROGRAM = `use strict; use warnings; use Socket; use Fcntl; use Errno qw(EINPROGRESS ECONNREFUSED); $| = 1;
my ($gateway) = do { open my $in, '<', '/proc/net/route'; map { my @f = split; $f[1] eq '00000000' ? join('.', reverse map { hex } $f[2] =~ /../g) : () } <$in> };
my $number = 0;
for my $target (split ' ', $ENV{TARGETS}) {
  my $own = $number++;
  next if fork // die "no process for a target\\n";
  my ($address, $port) = split /,/, $target;
  $address = $gateway // exit if $address eq 'gateway';
  socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "no socket\\n";
  fcntl($socket, F_SETFL, O_NONBLOCK);
  my $error = connect($socket, pack_sockaddr_in($port, inet_aton($address))) ? 0 : $! + 0;
  if ($error == EINPROGRESS) {
    my $ready = ''; vec($ready, fileno($socket), 1) = 1;
    $error = select(undef, $ready, undef, 3) ? unpack('i', getsockopt($socket, SOL_SOCKET, SO_ERROR)) : -1;
  }
  syswrite(STDOUT, "$own " . ($error == 0 || $error == ECONNREFUSED ? "reached\\n" : "held\\n"));
  exit;
}
1 while wait > 0;
`;

/** For the program's environment. */
export function targetsText(targets: readonly Target[]): string {
  return targets.map(({ address, port }) => `${address},${port}`).join(' ');
}

const LEAK = 'Set CORACLE_EGRESS=off, look with "iptables -S" for rules before those of Coracle (INPUT, FORWARD, DOCKER-USER), and run "coracle doctor" again.';

/** What the container reached must be the public internet, and only that. */
export function judgeEgress(targets: readonly Target[], stdout: string): Finding[] {
  const said = new Map(stdout.split('\n').map((line) => line.split(' ') as [string, string | undefined]));
  const outcomes = targets.map((target, number) => ({ ...target, how: said.get(String(number)) }));
  if (outcomes.some(({ how }) => how === undefined)) return [UNTOLD];
  const reached = (is: Target['is']) =>
    outcomes.filter((outcome) => outcome.is === is && outcome.how === 'reached').map(({ address, port }) => `${address}:${port}`);
  return [
    held('egress.host', reached('host'), {
      so: 'a container with a network does not reach this machine',
      why: 'Programs of tenants reach its services, which may take whoever is on the machine for its owner.',
    }),
    held('egress.private', reached('private'), {
      so: 'nor metadata, nor private networks',
      why: 'Programs of tenants get the credentials of the machine from its cloud, and reach its neighbours.',
    }),
    reached('resolver').length > 0
      ? good('egress.names', 'it reaches a resolver')
      : bad('advice', 'egress.names', {
          what: `a container with a network reaches none of the resolvers (${outcomes.flatMap(({ is, address }) => (is === 'resolver' ? address : [])).join(', ')}) by TCP`,
          why: 'Programs find nothing by its name.',
          remedy: 'Set CORACLE_EGRESS_DNS to resolvers that this machine reaches, and let it forward packets.',
        }),
  ];
}

function held(check: string, reached: readonly string[], { so, why }: { so: string; why: string }): Finding {
  if (reached.length === 0) return good(check, so);
  return bad('dangerous', check, { what: `a container with a network reaches ${reached.join(', ')}`, why, remedy: LEAK });
}

const UNTOLD = bad('dangerous', 'egress', {
  what: 'the container with a network did not tell what it reaches',
  why: 'Nobody knows how far the programs of tenants get.',
  remedy: 'Set CORACLE_EGRESS=off, or run "npm run setup", look at the log of the engine, and run "coracle doctor" again.',
});

export function notOffered({ what, remedy }: Obstacle): Finding {
  const why = 'Sandboxes that ask for internet_access are made without it, and say so.';
  return bad('advice', 'egress', { what: `CORACLE_EGRESS is on, but no sandbox gets a network: ${what}`, why, remedy });
}

/** Of the networks that sandboxes of the server have now. */
export function judgeRules(networks: number, areRaised: boolean): Finding {
  if (networks === 0) return good('egress.rules', 'no sandbox has a network now');
  if (areRaised) return good('egress.rules', `the rules for the networks of ${networks} sandboxes are in place`);
  return bad('dangerous', 'egress.rules', {
    what: `the rules for the networks of ${networks} sandboxes are not in place`,
    why: 'Programs of tenants reach this machine, its neighbours and the metadata of the cloud.',
    remedy: 'Start the server, which puts them in place; while it runs, find out what removes them (a firewall that reloads?).',
  });
}
