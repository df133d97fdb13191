import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Config } from '../config.ts';
import { EGRESS_PROGRAM, egressTargets, judgeEgress, judgeRules, notOffered, targetsText } from '../doctor/egress.ts';
import { type Finding, good } from '../doctor/finding.ts';
import { runOnce } from '../doctor/run-once.ts';
import { connectDocker } from '../engine/docker/connect.ts';
import { createDockerEngine } from '../engine/docker/docker-engine.ts';
import { createNetworks } from '../engine/docker/networks.ts';
import { imageReferences } from '../images/catalog.ts';
import { createEgress, findObstacle, probeEgress } from './egress.ts';

const MIB = 1024 * 1024;
const OFF = good('egress', 'no sandbox gets a network: CORACLE_EGRESS is off');

/** Whether sandboxes can have a network, and what a container with one reaches. Rejects with ENGINE_UNAVAILABLE. */
export async function checkEgress(config: Config, instance: string, image: string): Promise<Finding[]> {
  if (!config.egress.isOn) return [OFF];
  const obstacle = await findObstacle(config, instance);
  if (obstacle) return [notOffered(obstacle)];
  const imageReference = imageReferences(config.imageTag);
  const engine = createDockerEngine({ docker: connectDocker(), instance: `${instance}-probe`, imageReference, egress: probeEgress(config, instance) });
  const service = createServer((socket) => socket.on('error', () => undefined).destroy()).listen(0, '0.0.0.0');
  try {
    await new Promise((resolve, reject) => service.once('listening', resolve).once('error', reject));
    const { port } = service.address() as AddressInfo;
    const targets = egressTargets({ hostAddresses: hostAddresses(), port, ...config.egress });
    const env = { PATH: '/usr/bin:/bin', TARGETS: targetsText(targets) };
    const job = { compile: [], run: ['/usr/bin/perl', '-e', EGRESS_PROGRAM], env, files: [] };
    const limits = { memoryBytes: 128 * MIB, pids: 64 };
    const { stdout } = await runOnce({ engine, image, runtime: config.runtimes.standard, limits, network: 'internet', job });
    return [good('egress', 'sandboxes that ask for internet_access get a network'), ...judgeEgress(targets, stdout)];
  } finally {
    service.close();
  }
}

/** Whether those that have one now are held. Only for whoever looks while a server runs: before it does, nobody has seen to them. */
export async function checkRules(config: Config, instance: string): Promise<Finding[]> {
  if (!config.egress.isOn) return [];
  const egress = createEgress(config, instance);
  const networks = await createNetworks({ docker: connectDocker(), instance, egress }).listNetworks();
  return [judgeRules(networks.length, await egress.firewall.isRaised().catch(() => false))];
}

function hostAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}
