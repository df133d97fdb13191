import type { WebSocket } from 'ws';

/** For a client to answer; one that does not is not asked again. */
const ANSWER_MS = 5_000;

/** Tells when a client has taken what it was sent. */
export interface Taken {
  /** Resolves when the client's program has taken everything that was sent before, or gives no sign of it. Call it again only then. */
  taken(): Promise<void>;
  /** Nothing is read from the client for a while, so no sign can be seen: who waits goes on. */
  stopWaiting(): void;
}

/** A client answers a ping after it has handed on the frames before it (RFC 6455, 5.5.2 and 5.5.3), however busy its machine is. */
export function createTaken(socket: WebSocket): Taken {
  let isAnswering = true;
  let count = 0;
  let goOn: (() => void) | undefined;
  let awaited: string | undefined;
  socket.on('pong', (data: Buffer) => {
    if (String(data) === awaited) goOn?.();
  });
  socket.once('close', () => goOn?.());
  return {
    async taken() {
      if (!isAnswering || socket.isPaused || socket.readyState !== socket.OPEN) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      goOn = resolve;
      count += 1;
      awaited = String(count);
      const late = setTimeout(() => {
        isAnswering = false;
        resolve();
      }, ANSWER_MS);
      socket.ping(awaited);
      await promise.finally(() => clearTimeout(late));
      goOn = undefined;
    },
    stopWaiting: () => goOn?.(),
  };
}
