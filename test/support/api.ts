import { mintToken } from '../../src/http/auth.ts';
import type { WireProcess } from '../../src/http/schemas/processes.ts';
import { until } from './until.ts';

export interface Reached {
  readonly url: string;
  readonly jwtSecret: string;
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A tenant's way to a server under test, over real HTTP. */
export interface Api {
  readonly token: string;
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** Submits code that has to be accepted; answers the process id. */
  submit(body: Record<string, unknown>): Promise<string>;
  get(id: string): Promise<WireProcess>;
  list(): Promise<WireProcess[]>;
  kill(id: string): Promise<Answer>;
  /** Polls until the process is terminal. */
  ended(id: string): Promise<WireProcess>;
  /** Submits and waits for the end. */
  run(body: Record<string, unknown>): Promise<WireProcess>;
  /** All of a stream, exact. */
  output(id: string, stream: 'stdout' | 'stderr'): Promise<Buffer>;
}

export async function apiOf(server: Reached, tenant = 'acme', sandbox?: string): Promise<Api> {
  const token = await mintToken(server.jwtSecret, { tenant, sandbox, ttlSeconds: 3600 });
  const authorization = { Authorization: `Bearer ${token}` };

  async function call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { ...authorization, 'Content-Type': 'application/json' } };
    const response = await fetch(server.url + path, { method, headers: authorization, ...json });
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  }

  async function submit(body: Record<string, unknown>): Promise<string> {
    const { status, body: reply } = await call<{ process_id: string }>('POST', '/execute/background', body);
    if (status !== 200) throw new Error(`not accepted: ${status} ${JSON.stringify(reply)}`);
    return reply.process_id;
  }

  const get = async (id: string) => (await call<WireProcess>('GET', `/execute/processes/${id}`)).body;
  const ended = (id: string) => until(async () => find(await get(id)), `the end of ${id}`);

  return {
    token,
    call,
    submit,
    get,
    list: async () => (await call<{ processes: WireProcess[] }>('GET', '/execute/processes?limit=1000')).body.processes,
    kill: (id) => call('DELETE', '/execute/kill', { process_id: id }),
    ended,
    run: async (body) => ended(await submit(body)),
    async output(id, stream) {
      const response = await fetch(`${server.url}/execute/processes/${id}/output?stream=${stream}&encoding=raw&limit=16777216`, { headers: authorization });
      return Buffer.from(await response.arrayBuffer());
    },
  };
}

function find(process: WireProcess): WireProcess | undefined {
  return process.status === 'queued' || process.status === 'running' ? undefined : process;
}
