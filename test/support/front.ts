import { createServer, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from './built.ts';

/** What a front answers by itself; undefined passes the request on. */
export type Intercept = (seen: SeenRequest) => { readonly status: number; readonly body: object } | undefined;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string;
}

export interface Front extends AsyncDisposable {
  readonly url: string;
  /** Every request, in order. */
  readonly seen: readonly SeenRequest[];
}

export interface FrontOptions {
  /** The server behind it. */
  readonly url: string;
  readonly intercept?: Intercept;
  /** Changes the answers of the server. */
  readonly rewrite?: (body: string, seen: SeenRequest) => string;
}

/** Stands in front of a server as a proxy would, under its own name, sees every request, and can answer in the server's place. */
export async function openFront({ url, intercept = () => undefined, rewrite = (body) => body }: FrontOptions): Promise<Front> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    const one = { method, path, token: headers.authorization ?? '' };
    seen.push(one);
    const own = intercept(one);
    if (own) return void outgoing.writeHead(own.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(own.body));
    const answer = await forward(incoming, url);
    const body = rewrite(await text(answer), one);
    outgoing.writeHead(answer.statusCode ?? 502, { 'Content-Type': 'application/json', 'X-Request-ID': answer.headers['x-request-id'] ?? '' }).end(body);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(incoming: IncomingMessage, to: string): Promise<IncomingMessage> {
  const { method = '', url = '', headers } = incoming;
  return new Promise((resolve, reject) => {
    incoming.pipe(request(to + url, { method, headers }, resolve).on('error', reject));
  });
}
