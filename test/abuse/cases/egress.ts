import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { docker } from '../../support/docker.ts';
import { openOutside } from '../../support/outside.ts';
import { until } from '../../support/until.ts';
import { ALL_HELD, type Attack, attack, heldBut } from '../attack.ts';
import type { AbuseCase } from '../case.ts';
import type { Stage } from '../stage.ts';

/** What a program tries, as `tcp,address,port` or `udp,address,port` with spaces between; `gateway` is that of its network. */
type Lure = (stage: Stage, opened: AsyncDisposableStack) => Promise<string>;

const both = (addresses: readonly string[], port: number) => addresses.flatMap((address) => [`tcp,${address},${port}`, `udp,${address},${port}`]).join(' ');

/** Someone listens at every address of this machine, for connections and for datagrams. */
async function thisMachine(_stage: Stage, opened: AsyncDisposableStack): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('host\n')).listen(0, '0.0.0.0');
  opened.defer(() => void server.close());
  await until(() => server.listening, 'a service of the host');
  const { port } = server.address() as AddressInfo;
  const datagrams = createSocket('udp4');
  datagrams.on('message', (_data, { port: from, address }) => datagrams.send('host\n', from, address));
  datagrams.bind(port, '0.0.0.0');
  opened.defer(() => void datagrams.close());
  const own = Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  return `${both(['gateway', ...own.map(({ address }) => address)], port)} tcp,gateway,22 tcp,gateway,2375`;
}

/** Servers that answer this machine, at addresses that are not public, and a resolver beside them. */
async function notPublic(_stage: Stage, opened: AsyncDisposableStack): Promise<string> {
  const { addresses, port } = opened.use(await openOutside());
  const { public: _public, ...others } = addresses;
  const list = Object.values(others);
  return `${list.map((address) => `tcp,${address},${port} udp,${address},53`).join(' ')} tcp,fd00:ec2::254,80 udp,224.0.0.251,5353 udp,255.255.255.255,67`;
}

/** A server in the sandbox of another tenant that has a network too. */
async function neighbour({ stranger, server }: Stage, opened: AsyncDisposableStack): Promise<string> {
  const { tenant, api } = await stranger({ internet: true });
  const code = 'import http.server as h\ns = h.HTTPServer(("", 8080), h.SimpleHTTPRequestHandler)\nprint("listening", flush=True)\ns.serve_forever()';
  const id = await api.submit({ language: 'python', code, timeout: 120 });
  opened.defer(async () => void (await api.kill(id)));
  await until(async () => (await api.get(id)).stdout === 'listening\n', 'the neighbour to listen');
  const filters = { label: [`coracle.instance=${server.instance}`, `coracle.tenant=${tenant}`] };
  const containers = await docker.listContainers({ filters });
  const addresses = containers.flatMap(({ NetworkSettings }) => Object.values(NetworkSettings.Networks)).map(({ IPAddress }) => IPAddress);
  // Where it has none, as under gVisor, there is nobody to be reached.
  return both(addresses.filter(Boolean).length > 0 ? addresses : ['198.18.0.2'], 8080);
}

const none: Lure = async () => '';

interface Row extends Partial<Pick<Attack, 'gvisorAnswers' | 'underGvisor'>> {
  readonly name: string;
  readonly lure: Lure;
  readonly program?: string;
  readonly isInCi?: true;
}

const ROWS: readonly Row[] = [
  { name: 'with a network: this machine, by every address', lure: thisMachine, isInCi: true },
  { name: 'with a network: metadata, private ranges, their resolvers, multicast', lure: notPublic, isInCi: true },
  { name: 'with a network: a server of another tenant', lure: neighbour },
  {
    name: 'with a network: another address, route, mark or source for itself',
    lure: none,
    program: 'own-address.py',
    gvisorAnswers: heldBut('a transparent socket', 'a mark', 'a high priority'),
    underGvisor: 'it has no network there, and its own kernel takes options of a socket that then do nothing',
  },
];

export const EGRESS: readonly AbuseCase[] = ROWS.map(({ name, lure, program = 'reach.py', gvisorAnswers, ...rest }) => ({
  group: 'escape',
  name,
  ...rest,
  async play(stage) {
    await using opened = new AsyncDisposableStack();
    const env = { TARGETS: await lure(stage, opened) };
    const answers = { answers: ALL_HELD, ...(gvisorAnswers ? { gvisorAnswers } : {}) };
    return await attack({ group: 'escape', name, program, env, internet: true, timeout: 60, ...answers }).play(stage);
  },
}));
