import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { z } from 'zod';
import { createTaken } from './taken.ts';

/**
 * HopX's JS client takes one frame each time its loop comes round, and loses what comes in between: frames that are sent back to back never reach it, and
 * it waits for ever. A gap of 3 ms is enough for it while its machine is not busy, so the gap begins when it has taken the frame before; timers are coarse.
 */
export const GAP_MS = 8;
/** A client that does not take what it is sent. */
const STALLED_MS = 30_000;
const PING_MS = 30_000;

/** One WebSocket connection. */
export interface Session {
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
  /** Sends a message as JSON, not sooner than GAP_MS after the client has taken the last. Nothing happens once the connection is gone. */
  send(message: object): Promise<void>;
  /** Calls `take` with each message that the schema takes, one after the other: the next is read when `take` is done with the last. */
  receive<S extends z.ZodType>(schema: S, take: (message: z.output<S>) => Promise<void>): void;
  close(code: number, reason: string): void;
}

export interface SessionOptions {
  readonly socket: WebSocket;
  /** Called with what is wrong with a message that the schema does not take. */
  readonly onInvalid: (problem: string) => void;
  readonly gapMs?: number;
}

export function openSession({ socket, onInvalid, gapMs = GAP_MS }: SessionOptions): Session {
  const gone = new AbortController();
  keepAlive(socket);
  socket.once('close', () => gone.abort());
  // The close that follows is what counts.
  socket.on('error', () => undefined);
  const { taken: untilTaken, stopWaiting } = createTaken(socket);
  let last = Promise.resolve();

  async function deliver(message: object): Promise<void> {
    if (gone.signal.aborted) return;
    const stalled = setTimeout(() => socket.terminate(), STALLED_MS);
    await new Promise<void>((resolve) => socket.send(JSON.stringify(message), () => resolve()));
    clearTimeout(stalled);
    if (gapMs === 0) return;
    await untilTaken();
    await sleep(gapMs, undefined, { signal: gone.signal }).catch(() => undefined);
  }

  return {
    signal: gone.signal,
    send(message) {
      last = last.then(() => deliver(message));
      return last;
    },
    receive(schema, take) {
      let taken = Promise.resolve();
      socket.on('message', (data, isBinary) => {
        socket.pause();
        stopWaiting();
        taken = taken
          .then(async () => {
            const parsed = schema.safeParse(isBinary ? undefined : parseJson(String(data)));
            if (parsed.success) await take(parsed.data);
            else onInvalid(problemOf(parsed.error));
          })
          .finally(() => socket.resume());
      });
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'is not valid'}`;
}

/** Notices a client that is gone without a word. */
function keepAlive(socket: WebSocket): void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS);
  socket.once('close', () => clearInterval(timer));
}
