import { WebSocket } from 'ws';
import type { Api, Reached } from './api.ts';
import { until } from './until.ts';

export type Message = Record<string, unknown> & { readonly type?: string };

/** A client's WebSocket, which keeps what it gets. */
export interface TestSocket extends AsyncDisposable {
  readonly messages: readonly Message[];
  send(message: object | string): void;
  /** The first message that is so. */
  got(what: (message: Message) => boolean): Promise<Message>;
  /** Resolves with the code of the close. */
  readonly closed: Promise<number>;
  leave(): void;
}

/** Rejects with the status of an answer that is no upgrade. */
export async function openSocket(server: Reached, api: Pick<Api, 'token'> | undefined, path: string): Promise<TestSocket> {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, api ? { headers: { Authorization: `Bearer ${api.token}` } } : {});
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request, response) => reject(new Error(String(response.statusCode))));
    socket.once('error', reject);
  });
  return {
    messages,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    got: (what) => until(() => messages.find(what), `a message of ${messages.length}`),
    closed,
    leave: () => socket.terminate(),
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
}
