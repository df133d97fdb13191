import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { usualSockets } from '../../src/engine/docker/connect.ts';
import { docker as mainEngine } from './docker.ts';
import { command, requireRoot, unmountBelow } from './host.ts';

/**
 * An engine, the machine's unless told otherwise, as one that bounds volumes: for each that is made with a size it mounts a filesystem of that size on the folder of the volume. So
 * programs meet a real bound where the machine's kernel has no project quotas.
 */
export interface QuotaProxy extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  readonly socketPath: string;
  /** The sizes that were asked for and not refused, by the names of volumes that are there. */
  readonly sizes: ReadonlyMap<string, number>;
}

const MAIN = process.env['DOCKER_HOST'] ?? usualSockets()[0] ?? '';
const VOLUME = /^(?:\/v[\d.]+)?\/volumes\/([\w-]+)/;

export async function quotaProxy({ docker, host } = { docker: mainEngine, host: MAIN }): Promise<QuotaProxy> {
  requireRoot('The test mounts filesystems');
  const folder = await mkdtemp(join(tmpdir(), 'coracle-quota-'));
  const socketPath = join(folder, 'engine.sock');
  const behind = host.replace(/^unix:\/\//, '');
  const sizes = new Map<string, number>();
  const open = new Set<Socket>();

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = VOLUME.exec(incoming.url ?? '')?.[1];
    if (incoming.method === 'DELETE' && name && sizes.has(name)) await unbound(name);
    if (incoming.method !== 'POST' || name !== 'create') return pass(behind, { incoming, response });
    const wanted = JSON.parse(await textOf(incoming)) as { Name: string; DriverOpts?: { size?: string } };
    const { size, ...others } = wanted.DriverOpts ?? {};
    const body = JSON.stringify({ ...wanted, DriverOpts: others });
    pass(behind, { incoming, response, body, before: () => (size ? bind(wanted.Name, Number(size)) : Promise.resolve()) });
  }

  async function bind(name: string, bytes: number): Promise<void> {
    const image = join(folder, `${name}.img`);
    const { Mountpoint } = await docker.getVolume(name).inspect();
    await writeFile(image, '');
    await truncate(image, bytes);
    await command('mkfs.ext4', '-q', '-F', '-m', '0', '-O', '^has_journal', image);
    await command('mount', '-o', 'loop', image, Mountpoint);
    // What a folder with a quota does not have, and what would keep an engine from taking it for empty.
    await rm(join(Mountpoint, 'lost+found'), { recursive: true });
    sizes.set(name, bytes);
  }

  async function unbound(name: string): Promise<void> {
    const { Mountpoint } = await docker.getVolume(name).inspect();
    await unmountBelow(Mountpoint);
    sizes.delete(name);
    await rm(join(folder, `${name}.img`), { force: true });
  }

  const server = createServer((incoming, response) => void handle(incoming, response).catch((error) => response.writeHead(500).end(String(error))));
  server.on('connection', (socket) => open.add(socket.on('close', () => open.delete(socket))));
  server.on('upgrade', (incoming, socket, head) => hijack(behind, { incoming, socket: socket as Socket, head }));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    socketPath,
    sizes,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      for (const name of [...sizes.keys()]) {
        await unbound(name).catch(() => undefined);
        await docker
          .getVolume(name)
          .remove()
          .catch(() => undefined);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  return Buffer.concat(await incoming.toArray()).toString();
}

interface Call {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** In place of what came. */
  readonly body?: string;
  readonly before?: () => Promise<void>;
}

/** `before` is done when the engine has answered well, before the answer is passed on. */
function pass(socketPath: string, { incoming, response, body, before }: Call): void {
  const { method, url, headers } = incoming;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const asked = request({ socketPath, method, path: url, headers: { ...headers, ...length } }, (answer) => {
    function onwards(): void {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      // Else it would wait for the first of the body, which the log of a container that writes nothing never has.
      response.flushHeaders();
      // An answer that is cut, as by a crash of the engine, is cut here too.
      pipeline(answer, response, () => undefined);
    }
    if (!before || answer.statusCode !== 201) return onwards();
    before().then(onwards, (error) => response.writeHead(500).end(JSON.stringify({ message: String(error) })));
  });
  asked.on('error', () => response.destroy());
  response.on('close', () => asked.destroy());
  if (body === undefined) incoming.pipe(asked);
  else asked.end(body);
}

/** An attached stream: bytes both ways from here on. */
function hijack(path: string, { incoming, socket, head }: { incoming: IncomingMessage; socket: Socket; head: Buffer }): void {
  const engine = connect({ path, allowHalfOpen: true });
  const lines = incoming.rawHeaders.flatMap((text, at) => (at % 2 === 0 ? [`${text}: ${incoming.rawHeaders[at + 1]}`] : []));
  engine.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) engine.write(head);
  for (const end of [engine, socket]) end.on('error', () => undefined);
  engine.pipe(socket);
  socket.pipe(engine);
  engine.on('close', () => socket.destroy());
  socket.on('close', () => engine.destroy());
}
