import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bridgePrefix } from '../../src/engine/bridges.ts';
import { networkName } from '../../src/engine/docker/labels.ts';
import { apiOf } from '../support/api.ts';
import { containersOf, docker, networksOf } from '../support/docker.ts';
import { command } from '../support/host.ts';
import { answers, type Outside, openOutside } from '../support/outside.ts';
import { newSandbox, reachedFrom, type Target } from '../support/reach.ts';
import { rulesOf } from '../support/rules.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let outside: Outside;
let server: TestServer;
/** A service of this machine, at all of its addresses. */
let service: Target;
const closing = new AsyncDisposableStack();

const on = (env: NodeJS.ProcessEnv = {}) =>
  openServer({
    CORACLE_EGRESS: 'on',
    CORACLE_EGRESS_DNS: outside.addresses.public,
    CORACLE_EGRESS_SUBNETS: '198.19.0.0/16',
    CORACLE_MAX_CONTAINERS: '6',
    ...env,
  });

beforeAll(async () => {
  outside = closing.use(await openOutside());
  const listening = createServer((socket) => socket.on('error', () => undefined).end('host\n')).listen(0, '0.0.0.0');
  closing.defer(() => void listening.close());
  await until(() => listening.listening, 'the service of the host');
  service = { address: '0.0.0.0', port: (listening.address() as AddressInfo).port };
  server = closing.use(await on());
});
afterAll(() => closing.disposeAsync());

/** Says again and again whether it reaches one target. */
const KNOCKING = 'while sleep 0.2; do timeout 1 bash -c "exec 3<>/dev/tcp/$ADDRESS/$PORT" 2>/dev/null && echo reached || echo held; done';

const at = (address: string, port = outside.port): Target => ({ address, port });
const text = ({ address, port }: Target) => `${address} ${port}`;

/** Every address of this machine that is not its loopback. */
function hostAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** The first address of its network. */
async function gatewayOf(sandboxId: string): Promise<string> {
  const subnet = await until(
    () =>
      docker
        .getNetwork(networkName(sandboxId))
        .inspect()
        .then(
          ({ IPAM }) => IPAM?.Config?.[0]?.Subnet,
          () => undefined,
        ),
    'its network',
  );
  return subnet.replace(/(\d+)\/\d+$/, (_, last) => String(Number(last) + 1));
}

async function addressesIn(sandboxId: string): Promise<string[]> {
  const containers = (await containersOf(server.instance)).filter(({ Labels }) => Labels['coracle.sandbox'] === sandboxId);
  return containers.flatMap(({ NetworkSettings }) => Object.values(NetworkSettings.Networks)).map(({ IPAddress }) => IPAddress);
}

test('a sandbox with internet access reaches a public address, by its name too, and no private one, no metadata', async () => {
  const sandbox = await newSandbox(server, true);
  expect(sandbox.hasInternet).toBe(true);
  const targets = Object.values(outside.addresses).map((address) => at(address));
  for (const { address, port } of targets) expect(await answers(address, port), `${address} answers this machine`).toBe(true);
  expect(await reachedFrom(sandbox, targets)).toEqual([text(at(outside.addresses.public))]);
  const { stdout } = await sandbox.api.run({
    language: 'bash',
    code: 'getent ahostsv4 some.name.example | head -1 | cut -d" " -f1; cat /etc/resolv.conf /proc/net/if_inet6',
  });
  expect(stdout.split('\n')[0]).toBe(outside.addresses.public);
  // The container's resolver is the engine's; no IPv6 address, and no word of the host's own resolver.
  expect(stdout.replaceAll(/^#.*\n/gm, '')).toMatch(/^\S+\nnameserver 127\.0\.0\.11\n(search \.\n)?options ndots:0\n$/);
});

test('it reaches no service of this machine, by whatever address', async () => {
  const sandbox = await newSandbox(server, true);
  const addresses = [...hostAddresses(), await gatewayOf(sandbox.id), '127.0.0.1'];
  const targets = addresses.flatMap((address) => [at(address, service.port), at(address, Number(new URL(server.url).port)), at(address, 22)]);
  expect(await answers(addresses[0] ?? '', service.port)).toBe(true);
  // Its own loopback refuses, as it should.
  expect((await reachedFrom(sandbox, targets)).filter((line) => !line.startsWith('127.0.0.1 '))).toEqual([]);
});

test('it reaches no other sandbox, no other container of its own, and no port that the engine hands on', async () => {
  const [sandbox, neighbour] = [await newSandbox(server, true), await newSandbox(server, true, 'globex')];
  const code = 'import http.server as h\ns = h.HTTPServer(("", 8080), h.SimpleHTTPRequestHandler)\nprint("listening", flush=True)\ns.serve_forever()';
  const listen = { language: 'python', code, timeout: 120 };
  const servers = [
    [sandbox, await sandbox.api.submit(listen)],
    [neighbour, await neighbour.api.submit(listen)],
  ] as const;
  for (const [{ api }, id] of servers) await until(async () => (await api.get(id)).stdout === 'listening\n', 'it to listen');
  const addresses = (await Promise.all(servers.map(([{ id }]) => addressesIn(id)))).flat();
  expect(addresses).toHaveLength(2);
  const published = await publish();
  try {
    for (const target of published) await until(() => takes(target.address, target.port), `${text(target)} to listen`);
    expect(await reachedFrom(sandbox, [...addresses.map((address) => at(address, 8080)), ...published])).toEqual([]);
  } finally {
    await docker.getContainer(`published-${server.instance}`).remove({ force: true });
  }
  for (const [{ api }, id] of servers) await api.kill(id);
});

/** A container of the host's owner with a port that the engine publishes: at the host, and at itself. */
async function publish(): Promise<Target[]> {
  const container = await docker.createContainer({
    name: `published-${server.instance}`,
    Image: `coracle/python:${process.env['CORACLE_IMAGE_TAG'] ?? 'latest'}`,
    Cmd: ['python3', '-m', 'http.server', '8080'],
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: { PortBindings: { '8080/tcp': [{ HostPort: '0' }] } },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const port = Number(NetworkSettings.Ports['8080/tcp']?.[0]?.HostPort);
  return [at(outside.hostAddress, port), at(NetworkSettings.Networks['bridge']?.IPAddress ?? '', 8080)];
}

/** Whether somebody takes a connection. */
async function takes(address: string, port: number): Promise<boolean> {
  return fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  );
}

test('a sandbox without internet access reaches nothing at all', async () => {
  const sandbox = await newSandbox(server, false);
  expect(sandbox.hasInternet).toBe(false);
  const targets = [...Object.values(outside.addresses), ...hostAddresses()].flatMap((address) => [at(address), at(address, service.port)]);
  expect(await reachedFrom(sandbox, targets)).toEqual([]);
  const { stdout } = await sandbox.api.run({ language: 'bash', code: 'ls /sys/class/net | grep eth; getent hosts some.name.example' });
  expect(stdout).toBe('');
  expect((await networksOf(server.instance)).includes(networkName(sandbox.id))).toBe(false);
});

test('datagrams and names go no other way: not to private resolvers, not to the host, not by multicast', async () => {
  const sandbox = await newSandbox(server, true);
  const code = `import os, socket, struct
query = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\\x04name\\x07example\\x00" + struct.pack(">HH", 1, 1)
for address in os.environ["TARGETS"].split():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(2)
        try:
            client.sendto(query, (address, 53))
            print(address, "answered" if client.recv(512) else "")
        except OSError:
            print(address, "held")`;
  const { public: resolver, ten, metadata } = outside.addresses;
  const TARGETS = [resolver, ten, metadata, await gatewayOf(sandbox.id), '224.0.0.251', '255.255.255.255'].join(' ');
  const { stdout } = await sandbox.api.run({ language: 'python', code, env: { TARGETS } });
  const held = TARGETS.split(' ')
    .slice(1)
    .map((address) => `${address} held`);
  expect(stdout.trim().split('\n')).toEqual([`${resolver} answered`, ...held]);
});

test('rules that somebody flushes come back by themselves: what was held for a moment is not', async () => {
  const sandbox = await newSandbox(server, true);
  const id = await sandbox.api.submit({
    language: 'bash',
    code: KNOCKING,
    env: { ADDRESS: outside.addresses.metadata, PORT: String(outside.port) },
    timeout: 120,
  });
  const said = async () => (await sandbox.api.get(id)).stdout.trim().split('\n');
  await until(async () => (await said()).includes('held'), 'it to be held');
  expect(await said()).not.toContain('reached');
  // Again and again: the server may put them back before the program knocks.
  const flushed = async () => {
    await command('iptables', '-w', '-F', `CORACLE-${bridgePrefix(server.instance)}-OUT`);
    return (await said()).includes('reached');
  };
  await until(flushed, 'it to reach what only the rules keep from it');
  await until(async () => (await said()).slice(-3).join() === 'held,held,held', 'the rules to come back');
  await sandbox.api.kill(id);
});

test('with the last sandbox that has one its network goes, and with that the rules', async () => {
  await using own = await on();
  expect(await rulesOf(own.instance)).toEqual([]);
  const sandbox = await newSandbox(own, true);
  await reachedFrom(sandbox, [at(outside.addresses.public)]);
  expect(await networksOf(own.instance)).toEqual([networkName(sandbox.id)]);
  expect((await rulesOf(own.instance)).length).toBeGreaterThan(10);
  expect((await sandbox.api.call('DELETE', `/v1/sandboxes/${sandbox.id}`)).body).toMatchObject({ status: 'deleted' });
  expect([await networksOf(own.instance), await rulesOf(own.instance)]).toEqual([[], []]);
});

test('what the operator allows is reached besides, and a private resolver only for names', async () => {
  const { ten, oneNineTwo, public: publicAddress } = outside.addresses;
  await using own = await on({ CORACLE_EGRESS_ALLOW: `${oneNineTwo}/32`, CORACLE_EGRESS_DNS: ten });
  const sandbox = await newSandbox(own, true);
  const targets = Object.values(outside.addresses).map((address) => at(address));
  expect(await reachedFrom(sandbox, targets)).toEqual([text(at(oneNineTwo)), text(at(publicAddress))].sort());
  const { stdout } = await sandbox.api.run({ language: 'bash', code: 'getent ahostsv4 some.name.example | head -1 | cut -d" " -f1' });
  expect(stdout.trim()).toBe(publicAddress);
});

test('an operator who turns it off takes it from what runs, and the answers say so', async () => {
  await using first = await on();
  const sandbox = await newSandbox(first, true);
  const id = await sandbox.api.submit({
    language: 'bash',
    code: KNOCKING,
    env: { ADDRESS: outside.addresses.public, PORT: String(outside.port) },
    timeout: 120,
  });
  await until(async () => (await sandbox.api.get(id)).stdout.endsWith('reached\n'), 'it to reach a public address');
  await first.close();
  await using second = await on({ CORACLE_EGRESS: 'off', CORACLE_DATA_DIR: first.dataDir });
  const api = await apiOf(second, 'acme', sandbox.id);
  expect((await api.call('GET', `/v1/sandboxes/${sandbox.id}`)).body).toMatchObject({ internet_access: false });
  await until(async () => (await api.get(id)).stdout.endsWith('held\n'), 'it to be cut off');
  expect((await api.get(id)).status).toBe('running');
  expect([await networksOf(second.instance), await rulesOf(second.instance)]).toEqual([[], []]);
});
