import type { FastifyInstance } from 'fastify';

/** What one connection may cost. Times in milliseconds. */
export interface HttpLimits {
  /** Until all headers of a request are there, counted from the connection for its first. */
  readonly headersMs: number;
  /** Until all of a request is there. */
  readonly requestMs: number;
  /** Between two looks for requests that take too long. */
  readonly checkMs: number;
  /** For how long a client may read nothing of an answer that is ready. */
  readonly stalledMs: number;
  readonly connections: number;
  /** Of one request. */
  readonly headers: number;
}

export const HTTP_LIMITS: HttpLimits = { headersMs: 10_000, requestMs: 60_000, checkMs: 1_000, stalledMs: 30_000, connections: 4_096, headers: 100 };

/** For the server that Fastify makes. */
export function serverOptions({ headersMs, requestMs, checkMs }: HttpLimits) {
  return { requestTimeout: requestMs, http: { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs } };
}

export function installHttpLimits(app: FastifyInstance, { connections, headers, stalledMs }: HttpLimits): void {
  app.server.maxConnections = connections;
  app.server.maxHeadersCount = headers;
  app.addHook('onRequest', async (_request, reply) => {
    const { raw } = reply;
    // Node counts every byte that the client's side takes as life. An answer that has nothing to say yet, as one that waits for an end, is not stalled.
    raw.setTimeout(stalledMs, () => {
      if (raw.writableLength > 0 || (raw.socket?.writableLength ?? 0) > 0) raw.destroy();
      else raw.socket?.setTimeout(stalledMs);
    });
  });
  // Node throws away what is left of a body that nobody began to read. One that was begun and given up would hold up what comes next on its connection.
  app.addHook('onResponse', async ({ raw }) => {
    if (!raw.complete) raw.unpipe().resume();
  });
}
