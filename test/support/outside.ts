import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { command, requireRoot } from './host.ts';
import { until } from './until.ts';

const METADATA = '169.254.169.254';

/** A network beyond this machine, with servers that say "outside": in a namespace of its own at the other end of a cable. */
export interface Outside extends AsyncDisposable {
  readonly addresses: Readonly<Record<'public' | 'metadata' | 'ten' | 'oneNineTwo' | 'oneSevenTwo' | 'cgnat', string>>;
  /** This machine's own on the cable. */
  readonly hostAddress: string;
  /** Where the servers listen, at every address; a resolver that knows every name listens on 53. */
  readonly port: number;
}

/** Lays the cable, with the routes of this machine to all of its addresses. Everything is gone when it is disposed of, also when it could not be laid whole. */
export async function openOutside(): Promise<Outside> {
  requireRoot('This test lays networks on the machine');
  await using opened = new AsyncDisposableStack();
  const name = `cx${randomInt(2 ** 31).toString(36)}`;
  const third = randomInt(64) * 4;
  const [hostAddress, publicAddress] = [`203.0.113.${third + 1}`, `203.0.113.${third + 2}`];
  const [a, b] = [randomInt(1, 250), randomInt(1, 250)];
  const addresses = {
    public: publicAddress,
    metadata: METADATA,
    ten: `10.${a}.${b}.1`,
    oneNineTwo: `192.168.${a}.1`,
    oneSevenTwo: `172.30.${a}.1`,
    cgnat: `100.65.${a}.1`,
  };
  await layCable(opened, { name, hostAddress, addresses });
  const port = randomInt(20_000, 30_000);
  const words = [`--net=/run/netns/${name}`, process.execPath, SERVERS, String(port), ...Object.values(addresses)];
  const server = spawn('nsenter', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  opened.defer(() => ended(server));
  for (const address of Object.values(addresses)) await until(() => answers(address, port), `${address} to answer`);
  const closing = opened.move();
  return { addresses, hostAddress, port, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

const SERVERS = fileURLToPath(new URL('outside-servers.mjs', import.meta.url));

async function layCable(
  opened: AsyncDisposableStack,
  { name, hostAddress, addresses }: { name: string; hostAddress: string; addresses: Outside['addresses'] },
): Promise<void> {
  const within = (...words: string[]) => command('nsenter', `--net=/run/netns/${name}`, 'ip', ...words);
  await command('ip', 'netns', 'add', name);
  opened.defer(() => command('ip', 'netns', 'delete', name));
  await command('ip', 'link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  opened.defer(() => command('ip', 'link', 'delete', `${name}h`));
  await command('ip', 'address', 'add', `${hostAddress}/30`, 'dev', `${name}h`);
  await command('ip', 'link', 'set', `${name}h`, 'up');
  const { public: publicAddress, ...others } = addresses;
  await within('link', 'set', 'lo', 'up');
  await within('address', 'add', `${publicAddress}/30`, 'dev', 'eth0');
  await within('link', 'set', 'eth0', 'up');
  await within('route', 'add', 'default', 'via', hostAddress);
  for (const address of Object.values(others)) {
    await within('address', 'add', `${address}/32`, 'dev', 'lo');
    // Two tests at once may both have one: each its own, by the number of its cable.
    await command('ip', 'route', 'add', `${address}/32`, 'via', publicAddress, 'dev', `${name}h`, 'metric', String(randomInt(1, 2 ** 30)));
  }
}

/** Whether somebody takes a connection and says something, as seen from this machine. */
export function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1_000 });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', done(true)).once('error', done(false)).once('timeout', done(false)).once('end', done(false));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  if (child.exitCode === null && child.kill('SIGKILL')) await closed;
}
