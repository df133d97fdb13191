import type { Config } from '../config.ts';
import { connectDocker } from '../engine/docker/connect.ts';
import { canHaveNetwork } from '../engine/docker/container-options.ts';
import { readTraits } from '../engine/docker/docker-engine.ts';
import { createNetworks, type Egress } from '../engine/docker/networks.ts';
import { prefixFor } from '../engine/docker/subnets.ts';
import type { Obstacle } from '../engine/firewall.ts';
import { createIptables } from '../engine/iptables/iptables.ts';
import { CoracleError } from '../errors.ts';
import type { Log } from '../execution/log.ts';
import { newId } from '../ids.ts';
import { imageReferences } from '../images/catalog.ts';

/** Containers of a sandbox beside its processes and those kept ready: terminals, and what is on its way out. */
const OTHERS = 8;

export interface OfferedEgress extends Egress {
  /** Finds out whether it can be offered here, and says why not. Rejects with ENGINE_UNAVAILABLE. */
  look(log: Log): Promise<void>;
  /** Offers it from now on, if it can be. */
  open(): void;
  /** Whether sandboxes that wish for it have it, as far as is known: after `look`, and before anything of them can run. */
  canBeOffered(): boolean;
}

/** Where it is on, nothing is given before `open`: the engine has not passed its checks. */
export function createEgress(config: Config, instance: string): OfferedEgress {
  const { isOn } = config.egress;
  let canBe = false;
  let isOffered: boolean | undefined = isOn ? undefined : false;
  return {
    ...egressOf(config, instance),
    isOffered: () => isOffered,
    canBeOffered: () => canBe,
    open() {
      isOffered = canBe;
    },
    async look(log) {
      if (!isOn) return;
      const obstacle = await findObstacle(config, instance);
      canBe = obstacle === undefined;
      if (obstacle) log.warn({ remedy: obstacle.remedy }, `CORACLE_EGRESS is on, but no sandbox gets a network: ${obstacle.what}`);
    },
  };
}

/** What is only looked at, for the probe instance of a server. It is offered, whatever keeps it from being offered to sandboxes. */
export function probeEgress(config: Config, instance: string): Egress {
  return { ...egressOf(config, `${instance}-probe`), isOffered: () => true };
}

function egressOf({ egress: { allowed, resolvers, subnets }, maxContainers, pool }: Config, instance: string): Omit<Egress, 'isOffered'> {
  const firewall = createIptables({ instance, allowed, resolvers, subnets });
  return { firewall, resolvers, subnets, prefix: prefixFor(maxContainers + pool.mostPerSandbox + OTHERS) };
}

/** Why no sandbox can be given a network, although the operator wants it: found by making one on trial, if by nothing before. Rejects with ENGINE_UNAVAILABLE. */
export async function findObstacle(config: Config, instance: string): Promise<Obstacle | undefined> {
  const host = process.env['DOCKER_HOST'] ?? '';
  if (host !== '' && !host.startsWith('unix:')) return ELSEWHERE;
  const traits = await readTraits({ docker: connectDocker(), instance, imageReference: imageReferences(config.imageTag) });
  if (!canHaveNetwork({ runtime: config.runtimes.standard }, traits)) return GVISOR;
  const egress = probeEgress(config, instance);
  return (await egress.firewall.obstacle()) ?? (await tryNetwork(egress, `${instance}-probe`));
}

async function tryNetwork(egress: Egress, instance: string): Promise<Obstacle | undefined> {
  const docker = connectDocker();
  // What a trial that was cut short has left.
  await createNetworks({ docker, instance, egress: { ...egress, isOffered: () => false } }).guardNetworks();
  const networks = createNetworks({ docker, instance, egress });
  const sandboxId = newId('sbx');
  try {
    await networks.make({ sandboxId, scope: { tenant: 'coracle', sandbox: 'probe' } });
    return undefined;
  } catch (error) {
    if (!(error instanceof CoracleError) || error.code !== 'ENGINE_REFUSED') throw error;
    return {
      what: `none could be made on trial. ${error.message}`,
      remedy: 'The log of the server and of the engine say more; mend that, and start the server again.',
    };
  } finally {
    await networks.removeNetwork(sandboxId);
  }
}

const ELSEWHERE: Obstacle = {
  what: 'DOCKER_HOST names an engine of another machine, where the server can put no rules in place for their networks',
  remedy: "Run the server as root on the engine's own machine, and reach the engine by its socket.",
};
const GVISOR: Obstacle = {
  what: "the server's runtime is gVisor, whose own network stack does not reach the engine's resolver",
  remedy: 'Choose another CORACLE_RUNTIME, and have requests ask for gVisor where it is wanted (CORACLE_RUNTIMES); processes that do have no network.',
};
