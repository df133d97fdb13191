import type { Config } from '../config.ts';
import { connectDocker } from '../engine/docker/connect.ts';
import { canHaveNetwork } from '../engine/docker/container-options.ts';
import { readTraits } from '../engine/docker/docker-engine.ts';
import type { Egress } from '../engine/docker/networks.ts';
import { prefixFor } from '../engine/docker/subnets.ts';
import type { Obstacle } from '../engine/firewall.ts';
import { createIptables } from '../engine/iptables/iptables.ts';
import type { Log } from '../execution/log.ts';
import { imageReferences } from '../images/catalog.ts';

/** Containers of a sandbox beside its processes and those kept ready: terminals, and what is on its way out. */
const OTHERS = 8;

export interface OfferedEgress extends Egress {
  /** Finds out whether it can be offered here, and offers it from then on; says why it does not. Rejects with ENGINE_UNAVAILABLE. */
  open(log: Log): Promise<void>;
}

/** Where it is on, nobody knows whether it is offered before `open`, which looks at the engine too. */
export function createEgress(config: Config, instance: string): OfferedEgress {
  const { allowed, resolvers, subnets, isOn } = config.egress;
  const firewall = createIptables({ instance, allowed, resolvers, subnets });
  let isOffered: boolean | undefined = isOn ? undefined : false;
  return {
    firewall,
    resolvers,
    subnets,
    prefix: prefixFor(config.maxContainers + config.pool.mostPerSandbox + OTHERS),
    isOffered: () => isOffered,
    async open(log) {
      if (!isOn) return;
      const obstacle = await findObstacle(config, firewall);
      isOffered = obstacle === undefined;
      if (obstacle) log.warn({ remedy: obstacle.remedy }, `CORACLE_EGRESS is on, but no sandbox gets a network: ${obstacle.what}`);
    },
  };
}

/** Why no sandbox can be given a network, although the operator wants it. Rejects with ENGINE_UNAVAILABLE. */
export async function findObstacle({ runtimes, imageTag }: Config, firewall: Egress['firewall']): Promise<Obstacle | undefined> {
  const host = process.env['DOCKER_HOST'] ?? '';
  if (host !== '' && !host.startsWith('unix:')) return ELSEWHERE;
  const traits = await readTraits({ docker: connectDocker(), instance: '', imageReference: imageReferences(imageTag) });
  if (!canHaveNetwork({ runtime: runtimes.standard }, traits)) return GVISOR;
  return firewall.obstacle();
}

const ELSEWHERE: Obstacle = {
  what: 'DOCKER_HOST names an engine of another machine, where the server can put no rules in place for their networks',
  remedy: "Run the server as root on the engine's own machine, and reach the engine by its socket.",
};
const GVISOR: Obstacle = {
  what: "the server's runtime is gVisor, whose own network stack does not reach the engine's resolver",
  remedy: 'Choose another CORACLE_RUNTIME, and have requests ask for gVisor where it is wanted (CORACLE_RUNTIMES); processes that do have no network.',
};
