import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { NetworkCreateOptions, NetworkInspectInfo } from 'dockerode';
import { CoracleError } from '../../errors.ts';
import { bridgeName } from '../bridges.ts';
import type { ContainerEngine, ContainerSpec } from '../container-engine.ts';
import type { Firewall } from '../firewall.ts';
import { QUICK_MS, SLOW_MS, withDeadline } from './deadline.ts';
import { notThere, statusOf, translate } from './errors.ts';
import { LABEL, networkName } from './labels.ts';
import { freeSubnets, type Range, rangeOf, routedRanges } from './subnets.ts';

/** What sandboxes with internet access get. */
export interface Egress {
  readonly firewall: Firewall;
  /** IPv4 networks, out of which each sandbox gets one. */
  readonly subnets: readonly string[];
  /** Of the network of a sandbox: it bounds how many containers can be in it. */
  readonly prefix: number;
  /** IPv4 addresses. */
  readonly resolvers: readonly string[];
  /** Whether it is given; undefined as long as that is not known yet. */
  isOffered(): boolean | undefined;
}

export interface NetworksOptions {
  readonly docker: Docker;
  readonly instance: string;
  readonly egress?: Egress | undefined;
}

/** Whose a network is. */
export type Owner = Pick<ContainerSpec, 'sandboxId' | 'scope'>;

export type Networks = Pick<ContainerEngine, 'listNetworks' | 'removeNetwork' | 'guardNetworks'> & {
  /** Has the network of a sandbox there, behind the rules; answers what its container is to be made from. */
  provide(spec: ContainerSpec): Promise<ContainerSpec>;
  /** Has it there, offered or not. */
  make(of: Owner): Promise<void>;
};

/** One network for each sandbox, on a bridge of its own. Whatever makes or removes a network or rules is done one at a time: no network is ever without them. */
export function createNetworks(options: NetworksOptions): Networks {
  const { docker, instance, egress } = options;
  const inTurn = createTurns();

  /** Whether the rules were in force when somebody last looked. */
  let isHeld = false;

  const list = () => listNetworks(docker, instance);

  async function raise({ firewall }: Egress): Promise<'kept' | 'raised'> {
    isHeld = false;
    const done = await firewall.raise();
    isHeld = true;
    return done;
  }

  async function lower(): Promise<void> {
    isHeld = false;
    await egress?.firewall.lower();
  }

  /** Idempotent: whoever had the turn before may have made it. */
  async function make(offered: Egress, of: Owner): Promise<void> {
    await raise(offered);
    try {
      if (!(await findNetwork(docker, instance, of.sandboxId))) await makeNetwork(options, offered, of);
    } catch (error) {
      await lowerUnused().catch(() => undefined);
      throw error;
    }
  }

  async function lowerUnused(): Promise<void> {
    if ((await list()).length === 0) await lower();
  }

  async function guard(): Promise<'kept' | 'raised'> {
    const sandboxIds = await list();
    if (egress?.isOffered() && sandboxIds.length > 0) return raise(egress);
    for (const sandboxId of sandboxIds) await cut(docker, sandboxId);
    await lower();
    return 'kept';
  }

  return {
    listNetworks: list,
    removeNetwork: (sandboxId) =>
      inTurn(async () => {
        if (await removeNetwork(docker, sandboxId)) await lowerUnused();
      }),
    guardNetworks: () => inTurn(guard),
    make: (of) => inTurn(async () => egress && make(egress, of)),
    async provide({ network, ...spec }) {
      if (network === undefined || !egress || !isKnownToOffer(egress)) return spec;
      const isReady = isHeld && (await findNetwork(docker, instance, spec.sandboxId));
      if (!isReady) await inTurn(() => make(egress, spec));
      return { ...spec, network };
    },
  };
}

/** A container must not be made without a network that its sandbox may turn out to have. */
function isKnownToOffer({ isOffered }: Egress): boolean {
  const answer = isOffered();
  if (answer !== undefined) return answer;
  throw new CoracleError('ENGINE_UNAVAILABLE', 'It is not known yet whether sandboxes can have a network here. Try again.');
}

function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function listNetworks(docker: Docker, instance: string): Promise<string[]> {
  const listed = docker.listNetworks({ filters: { label: [`${LABEL.instance}=${instance}`] } });
  const networks = await withDeadline(listed, { ms: QUICK_MS, what: 'list networks' }).catch((error) => {
    throw translate(error);
  });
  return networks.flatMap(({ Labels }) => Labels?.[LABEL.sandbox] ?? []);
}

/** Answers whether there is one of this instance's. */
async function findNetwork(docker: Docker, instance: string, sandboxId: string): Promise<boolean> {
  const found = await inspect(docker, sandboxId);
  if (found && found.Labels?.[LABEL.instance] !== instance)
    throw new CoracleError('ENGINE_REFUSED', 'Another has made a network with the name of the one for this sandbox. Ask the operator to remove it.');
  return found !== undefined;
}

async function inspect(docker: Docker, sandboxId: string): Promise<NetworkInspectInfo | undefined> {
  const inspected = docker.getNetwork(networkName(sandboxId)).inspect().catch(notThere);
  return withDeadline(inspected as Promise<NetworkInspectInfo | undefined>, { ms: QUICK_MS, what: 'inspect a network' });
}

/** Others may take addresses at the same time; who meets somebody so often meets everybody. */
const TRIES = 16;

async function makeNetwork({ docker, instance }: NetworksOptions, egress: Egress, of: Owner): Promise<void> {
  const { subnets: pools, prefix, firewall } = egress;
  for (const subnet of freeSubnets({ pools, prefix, taken: await takenRanges(docker), from: Math.random(), most: TRIES })) {
    if (!(await tryCreate(docker, networkOptions(instance, of, subnet)))) continue;
    if (await firewall.sees(bridgeName(instance, of.sandboxId))) return;
    await removeNetwork(docker, of.sandboxId);
    throw new CoracleError(
      'ENGINE_REFUSED',
      'The networks of the container engine are not on the machine of the server. Ask the operator to set CORACLE_EGRESS=off.',
    );
  }
  throw new CoracleError(
    'ENGINE_REFUSED',
    'No addresses are left for the network of this sandbox. Delete sandboxes with internet access that nobody needs, or ask the operator to widen CORACLE_EGRESS_SUBNETS.',
  );
}

/** The engine knows of its own networks only, and would hide others from the machine. */
async function takenRanges(docker: Docker): Promise<Range[]> {
  const networks = await withDeadline(docker.listNetworks(), { ms: QUICK_MS, what: 'list networks' }).catch((error) => {
    throw translate(error);
  });
  const subnets = networks.flatMap(({ IPAM }) => IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet?.includes('.') ? Subnet : []));
  return [...subnets.map(rangeOf), ...routedRanges(await readFile('/proc/net/route', 'utf8').catch(() => ''))];
}

function networkOptions(instance: string, { sandboxId, scope }: Owner, subnet: string): NetworkCreateOptions {
  return {
    Name: networkName(sandboxId),
    CheckDuplicate: true,
    Driver: 'bridge',
    Internal: false,
    Attachable: false,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
    Options: {
      'com.docker.network.bridge.name': bridgeName(instance, sandboxId),
      'com.docker.network.bridge.enable_icc': 'false',
      'com.docker.network.bridge.enable_ip_masquerade': 'true',
    },
    Labels: { [LABEL.instance]: instance, [LABEL.sandbox]: sandboxId, [LABEL.tenant]: scope.tenant },
  };
}

const OVERLAPS = 403;

/** Answers false when somebody has taken the addresses meanwhile. */
async function tryCreate(docker: Docker, options: NetworkCreateOptions): Promise<boolean> {
  const made = docker.createNetwork(options).then(
    () => true,
    (error) => {
      if (statusOf(error) === OVERLAPS) return false;
      throw translate(error);
    },
  );
  return withDeadline(made, { ms: SLOW_MS, what: 'create a network' });
}

/** Answers whether there was one. */
async function removeNetwork(docker: Docker, sandboxId: string): Promise<boolean> {
  const removed = docker
    .getNetwork(networkName(sandboxId))
    .remove()
    .then(() => true)
    .catch(notThere);
  return (await withDeadline(removed, { ms: SLOW_MS, what: 'remove a network' })) === true;
}

/** Removes a network although containers are in it: they go on without. */
async function cut(docker: Docker, sandboxId: string): Promise<void> {
  const network = docker.getNetwork(networkName(sandboxId));
  for (const id of Object.keys((await inspect(docker, sandboxId))?.Containers ?? {}))
    await withDeadline(network.disconnect({ Container: id, Force: true }).catch(notThere), { ms: SLOW_MS, what: 'take a container off its network' });
  await removeNetwork(docker, sandboxId);
}
