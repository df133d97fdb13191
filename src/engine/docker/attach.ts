import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Container } from 'dockerode';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { createSlots, type Slots } from './slots.ts';

/** A connection to a container's standard streams. */
export interface Attached {
  /** Takes what the container reads. */
  readonly socket: Duplex;
  /** What it writes; each chunk holds until the next one is asked for. Iterate once; leaving closes the connection. Throws when that is cut. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

const SLOTS = { first: 32 * 1024, count: 3, bytes: 256 * 1024 };
/** Who writes so much at once is likely to write more: that is taken together, so that a flood comes in few large pieces. */
const BULK_BYTES = 4 * 1024;
const LINGER_MS = 2;
const MOST_HEAD_BYTES = 16 * 1024;
const HEAD_END = '\r\n\r\n';

/**
 * Over a plain socket we talk to the engine ourselves and read into memory that is used again: the client's own socket allocates for each read, and the
 * garbage of a flood grows faster than it is collected. What that road cannot do (TLS, SSH, an answer that is no upgrade) is left to the client.
 */
export async function attach(container: Container): Promise<Attached> {
  const attached = connectTo(container).then((ours) => ours ?? viaClient(container));
  return withDeadline(attached, { ms: QUICK_MS, what: 'attach to a container', discard: ({ socket }) => void socket.destroy() });
}

async function viaClient(container: Container): Promise<Attached> {
  const socket = (await container.attach({ hijack: true, stream: true, stdin: true, stdout: true, stderr: true })) as Duplex;
  return { socket, chunks: socket };
}

async function connectTo({ id, modem }: Container): Promise<Attached | undefined> {
  const address = await plainAddress(modem);
  if (!address) return undefined;
  const { socket, chunks } = openSocket(address);
  socket.write(`POST /containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`);
  const head = await readHead(chunks);
  if (head?.isUpgrade) return { socket, chunks: continued(head.rest, chunks) };
  socket.destroy();
  return undefined;
}

/** What we use of dockerode's `modem`, which has no types. */
interface Modem {
  readonly protocol: string;
  readonly host?: string;
  readonly port?: number | string;
  /** Where there is no host. */
  getSocketPath(): Promise<string>;
}

async function plainAddress(modem: Modem | undefined): Promise<NetConnectOpts | undefined> {
  if (modem?.protocol !== 'http') return undefined;
  return modem.host ? { host: modem.host, port: Number(modem.port), noDelay: true, keepAlive: true } : { path: await modem.getSocketPath() };
}

function openSocket(address: NetConnectOpts): { socket: Socket; chunks: AsyncGenerator<Uint8Array> } {
  const slots = createSlots(SLOTS);
  const news = createNews();
  function callback(bytes: number): boolean {
    slots.fill(bytes);
    news.tell(slots.isNextWhole);
    return !slots.isFull;
  }
  const socket = connect({ ...address, onread: { buffer: slots.room, callback } });
  const ending = watchEnd(socket, () => news.tell(true));
  return { socket, chunks: readChunks({ socket, slots, ending, news }) };
}

/** What a reader waits for. */
interface News {
  tell(isWhole: boolean): void;
  some(): Promise<void>;
  /** Until as much is there as is taken at once, or for LINGER_MS. */
  whole(): Promise<void>;
}

function createNews(): News {
  let heard: (() => void) | undefined;
  let wantsWhole = false;
  function tell(isWhole: boolean): void {
    if (isWhole || !wantsWhole) heard?.();
  }
  async function next(): Promise<void> {
    await new Promise<void>((resolve) => {
      heard = resolve;
    });
    heard = undefined;
  }
  return {
    tell,
    some: next,
    async whole() {
      wantsWhole = true;
      const timer = setTimeout(tell, LINGER_MS, true);
      await next();
      clearTimeout(timer);
      wantsWhole = false;
    },
  };
}

interface Ending {
  how: 'whole' | Error | undefined;
}

/** A connection that closes without having ended is cut. */
function watchEnd(socket: Socket, notify: () => void): Ending {
  const ending: Ending = { how: undefined };
  function end(how: 'whole' | Error): void {
    ending.how ??= how;
    notify();
  }
  socket.once('end', () => end('whole'));
  socket.once('error', end);
  socket.once('close', () => end(new Error('the connection to the engine was cut')));
  return ending;
}

interface Reading {
  readonly socket: Socket;
  readonly slots: Slots;
  readonly ending: Ending;
  readonly news: News;
}

async function* readChunks(reading: Reading): AsyncGenerator<Uint8Array> {
  const { socket, ending } = reading;
  try {
    for (;;) {
      const chunk = takeChunk(reading);
      if (chunk) yield chunk;
      else if (ending.how === 'whole') return;
      else if (ending.how) throw ending.how;
      await moreAfter(chunk, reading);
    }
  } finally {
    socket.destroy();
  }
}

function takeChunk({ socket, slots }: Reading): Uint8Array | undefined {
  const wasFull = slots.isFull;
  const chunk = slots.take();
  if (wasFull && !slots.isFull) socket.resume();
  return chunk;
}

function moreAfter(chunk: Uint8Array | undefined, { slots, ending, news }: Reading): Promise<void> | undefined {
  if (ending.how) return undefined;
  if (!chunk) return news.some();
  return chunk.length >= BULK_BYTES && !slots.isNextWhole ? news.whole() : undefined;
}

interface Head {
  readonly isUpgrade: boolean;
  /** What came after it. */
  readonly rest: Uint8Array;
}

/** The engine's answer; undefined when that is none. */
async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Head | undefined> {
  let seen = Buffer.alloc(0);
  while (seen.length < MOST_HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done) return undefined;
    seen = Buffer.concat([seen, next.value]);
    const end = seen.indexOf(HEAD_END);
    if (end >= 0) return { isUpgrade: /^HTTP\/1\.1 101 /.test(seen.toString('latin1', 0, end)), rest: seen.subarray(end + HEAD_END.length) };
  }
  return undefined;
}

async function* continued(first: Uint8Array, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    yield* chunks;
  } finally {
    await chunks.return(undefined);
  }
}
