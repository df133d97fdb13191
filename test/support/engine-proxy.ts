import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { usualSockets } from '../../src/engine/docker/connect.ts';
import { tempFolder } from './temp-folder.ts';

/** A way to the engine that can be cut: a server reaches the engine through it, and the test goes by the usual one. */
export interface EngineProxy extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  open(): Promise<void>;
  /** Cuts every connection and takes no new ones. */
  close(): Promise<void>;
}

export async function engineProxy(): Promise<EngineProxy> {
  const folder = await tempFolder();
  const path = join(folder.path, 'engine.sock');
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  }

  function pass(client: Socket): void {
    const engine = connect(process.env['DOCKER_HOST']?.replace(/^unix:\/\//, '') ?? usualSockets()[0] ?? '');
    for (const socket of [client, engine]) keep(socket);
    client.pipe(engine);
    engine.pipe(client);
  }

  async function open(): Promise<void> {
    const opened = createServer({ allowHalfOpen: true }, pass).listen(path);
    server = opened;
    await new Promise((resolve) => opened.once('listening', resolve));
  }

  async function close(): Promise<void> {
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    for (const socket of sockets) socket.destroy();
    await closed;
    server = undefined;
  }

  await open();
  return {
    host: `unix://${path}`,
    open,
    close,
    async [Symbol.asyncDispose]() {
      await close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
