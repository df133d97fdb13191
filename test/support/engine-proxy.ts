import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { usualSockets } from '../../src/engine/docker/connect.ts';
import { tempFolder } from './temp-folder.ts';

/** A way to the engine that can be cut: a server reaches the engine through it, and the test goes by the usual one. */
export interface EngineProxy extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  open(): Promise<void>;
  /** Cuts every connection and takes no new ones. */
  close(): Promise<void>;
  /** Passes nothing on any more, in one direction. */
  hold(what: 'asked' | 'answered'): void;
  /** Cuts every connection for those who ask only, as an engine that has crashed does: to a container nobody has gone. */
  crash(): void;
}

interface Pair {
  readonly client: Socket;
  readonly engine: Socket;
}

/** `alter` gets each piece of what the engine answers, and says what arrives in its place. */
export async function engineProxy(alter?: (answered: Buffer) => Buffer): Promise<EngineProxy> {
  const folder = await tempFolder();
  const path = join(folder.path, 'engine.sock');
  const sockets = new Set<Socket>();
  const pairs = new Set<Pair>();
  let server: Server | undefined;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  }

  function pass(client: Socket): void {
    const engine = connect(process.env['DOCKER_HOST']?.replace(/^unix:\/\//, '') ?? usualSockets()[0] ?? '');
    for (const socket of [client, engine]) keep(socket);
    const pair = { client, engine };
    pairs.add(pair);
    client.once('close', () => pairs.delete(pair));
    client.pipe(engine);
    if (!alter) return void engine.pipe(client);
    engine.pipe(new Transform({ transform: (chunk: Buffer, _encoding, done: TransformCallback) => done(null, alter(chunk)) })).pipe(client);
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
    hold(what) {
      for (const { client, engine } of pairs) what === 'asked' ? client.unpipe(engine) : engine.unpipe(client);
    },
    crash() {
      for (const { client, engine } of pairs) {
        client.unpipe(engine);
        client.destroy();
      }
    },
    async [Symbol.asyncDispose]() {
      await close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
