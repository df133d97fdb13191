import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diagnose } from '../../src/compose/doctor.ts';
import { findObstacle } from '../../src/compose/egress.ts';
import { checkRules } from '../../src/compose/egress-checks.ts';
import { readConfig } from '../../src/config.ts';
import { EGRESS_PROGRAM, egressTargets, judgeEgress, targetsText } from '../../src/doctor/egress.ts';
import { runOnce } from '../../src/doctor/run-once.ts';
import { bridgePrefix } from '../../src/engine/bridges.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { Obstacle } from '../../src/engine/firewall.ts';
import { PROJECT_ROOT } from '../../src/version.ts';
import { docker, networksOf } from '../support/docker.ts';
import { createFakeFirewall } from '../support/fake-firewall.ts';
import { command } from '../support/host.ts';
import { imageReference, imageTag } from '../support/images.ts';
import { type Outside, openOutside } from '../support/outside.ts';
import { privateEngine } from '../support/private-engine.ts';
import { newSandbox, reachedFrom } from '../support/reach.ts';
import { rulesOf } from '../support/rules.ts';
import { openServer } from '../support/server.ts';
import { tempFolder } from '../support/temp-folder.ts';

let outside: Outside;

beforeAll(async () => {
  outside = await openOutside();
});
afterAll(() => outside[Symbol.asyncDispose]());

const settings = (env: NodeJS.ProcessEnv = {}) => ({ CORACLE_EGRESS: 'on', CORACLE_EGRESS_DNS: outside.addresses.public, CORACLE_IMAGE_TAG: imageTag, ...env });

/** What the checks find of networks. They leave nothing of their own on the machine. */
async function look(env: NodeJS.ProcessEnv = {}) {
  const instance = `test-${randomUUID()}`;
  await using folder = await tempFolder();
  await writeFile(join(folder.path, 'instance'), instance);
  const findings = await diagnose(readConfig(settings({ CORACLE_DATA_DIR: folder.path, ...env })));
  for (const mark of [instance, `${instance}-probe`]) expect([await networksOf(mark), await rulesOf(mark)]).toEqual([[], []]);
  return findings.filter(({ check }) => check.startsWith('egress')).map(({ check, level, what }) => ({ check, level, what }));
}

test('where everything is in order it says what a container with a network reaches, and leaves nothing', async () => {
  expect(await look()).toEqual([
    { check: 'egress', level: 'good', what: expect.any(String) },
    { check: 'egress.host', level: 'good', what: expect.any(String) },
    { check: 'egress.private', level: 'good', what: expect.any(String) },
    { check: 'egress.names', level: 'good', what: expect.any(String) },
  ]);
  expect(await look({ CORACLE_EGRESS: 'off' })).toEqual([{ check: 'egress', level: 'good', what: expect.stringContaining('off') }]);
});

test('where no rules hold it a container reaches this machine and metadata, and that is dangerous', async () => {
  const instance = `test-${randomUUID()}`;
  const egress = { firewall: createFakeFirewall(), subnets: ['198.19.0.0/16'], prefix: 29, resolvers: [outside.addresses.public], isOffered: () => true };
  const engine = createDockerEngine({ docker, instance, imageReference, egress });
  const targets = egressTargets({ hostAddresses: [outside.hostAddress], port: 9, allowed: [], resolvers: egress.resolvers });
  const env = { PATH: '/usr/bin:/bin', TARGETS: targetsText(targets) };
  const job = { compile: [], run: ['/usr/bin/perl', '-e', EGRESS_PROGRAM], env, files: [] };
  const limits = { memoryBytes: 2 ** 27, pids: 64 };
  const { stdout } = await runOnce({ engine, image: 'bash', runtime: 'runc', network: 'internet', limits, job });
  const [host, metadata, names] = judgeEgress(targets, stdout);
  expect(host).toMatchObject({ check: 'egress.host', level: 'dangerous', what: expect.stringContaining(`gateway:9, ${outside.hostAddress}:9`) });
  expect(metadata).toMatchObject({ check: 'egress.private', level: 'dangerous', what: expect.stringContaining('169.254.169.254:80') });
  expect(names).toMatchObject({ level: 'good' });
  expect(await networksOf(instance)).toEqual([]);
});

test('rules that lack while the server is down are found, and are back when it is', async () => {
  await using first = await openServer(settings());
  const sandbox = await newSandbox(first, true);
  await reachedFrom(sandbox, [{ address: outside.addresses.public, port: outside.port }]);
  const config = readConfig(settings({ CORACLE_DATA_DIR: first.dataDir }));
  expect(await checkRules(config, first.instance)).toMatchObject([{ check: 'egress.rules', level: 'good', what: expect.stringContaining('1 sandboxes') }]);
  await first.close();
  await command('iptables', '-w', '-F', `CORACLE-${bridgePrefix(first.instance)}-OUT`);
  expect(await checkRules(config, first.instance)).toMatchObject([{ check: 'egress.rules', level: 'dangerous' }]);
  await using _second = await openServer(settings({ CORACLE_DATA_DIR: first.dataDir }));
  expect(await checkRules(config, first.instance)).toMatchObject([{ check: 'egress.rules', level: 'good' }]);
});

/** What a process finds in its way that is not root, or that is in a network of its own. */
async function obstacleFor(program: string, ...args: string[]): Promise<Obstacle | undefined> {
  const code = `const { createIptables } = await import(${JSON.stringify(join(PROJECT_ROOT, 'src/engine/iptables/iptables.ts'))});
const firewall = createIptables({ instance: 'nobody', allowed: [], resolvers: [], subnets: [] });
console.log(JSON.stringify((await firewall.obstacle()) ?? null));`;
  const { stdout } = await promisify(execFile)(program, [...args, process.execPath, '--input-type=module', '--eval', code]);
  return JSON.parse(stdout) ?? undefined;
}

test('who cannot keep rules offers no network, and says why', async () => {
  expect(await obstacleFor('env')).toBeUndefined();
  expect(await obstacleFor('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups')).toMatchObject({ what: expect.stringContaining('not root') });
  expect(await obstacleFor('setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin')).toMatchObject({ what: expect.stringContaining('does not work') });
  expect(await obstacleFor('unshare', '--net')).toMatchObject({ what: expect.stringContaining('DOCKER-USER'), remedy: expect.stringContaining('rootless') });
});

test('gVisor as the runtime offers none, and neither does an engine that is elsewhere, by its address or by its network', async () => {
  const instance = `test-${randomUUID()}`;
  const config = readConfig(settings());
  expect(await findObstacle(config, instance)).toBeUndefined();
  expect(await findObstacle(readConfig(settings({ CORACLE_RUNTIME: 'runsc' })), instance)).toMatchObject({ what: expect.stringContaining('gVisor') });
  await using engine = await privateEngine({ bridge: '', iptables: true });
  const before = process.env['DOCKER_HOST'];
  try {
    process.env['DOCKER_HOST'] = engine.host;
    expect(await findObstacle(config, instance)).toMatchObject({ what: expect.stringContaining('not on the machine of the server') });
    expect(await engine.docker.listNetworks({ filters: { type: ['custom'] } })).toEqual([]);
    process.env['DOCKER_HOST'] = 'tcp://engine.example:2376';
    expect(await findObstacle(config, instance)).toMatchObject({ what: expect.stringContaining('another machine') });
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }
  expect(await rulesOf(`${instance}-probe`)).toEqual([]);
});
