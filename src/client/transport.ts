import { ApiError, ConnectionError, errorOf, LimitError } from './errors.ts';
import { backOff, pause } from './pause.ts';

export interface ClientOptions {
  /** `http://host:port` of the server. */
  readonly url: string;
  /** A token, or what is asked for one before each call. */
  readonly token?: string | (() => string | Promise<string>);
  /** How often a call that does no harm twice is tried again after it failed; 3 by default. */
  readonly retries?: number;
  /** For how long, in milliseconds, what follows a process tries to come back to a server that does not answer; 60,000 by default. */
  readonly patienceMs?: number;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** Gives up: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Call extends CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of a body. */
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether doing it twice is as doing it once. */
  readonly isRepeatable: boolean;
}

export interface Transport {
  readonly patienceMs: number;
  /** Resolves with a successful answer, its body unread. Rejects with ApiError, ConnectionError or the signal's reason. */
  open(call: Call): Promise<Response>;
  json<T>(call: Call): Promise<T>;
  bytes(call: Call): Promise<{ readonly data: Uint8Array; readonly headers: Headers }>;
}

const DEFAULT_RETRIES = 3;
const DEFAULT_PATIENCE_MS = 60_000;

export function createTransport({ url, token, retries = DEFAULT_RETRIES, patienceMs = DEFAULT_PATIENCE_MS, ...options }: ClientOptions): Transport {
  const base = url.replace(/\/+$/, '');
  const fetchNow = options.fetch ?? ((...request: Parameters<typeof fetch>) => fetch(...request));

  async function attempt<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    const request = { method: call.method, ...bodyOf(call, await headersOf(call, token)), signal: call.signal ?? null };
    const response = await failed(base, call, () => fetchNow(base + target(call), request));
    if (!response.ok) throw await errorOf(response);
    return failed(base, call, () => read(response));
  }

  async function persist<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await attempt(call, read);
      } catch (error) {
        if (failures >= retries || !mayRepeat(call, error)) throw error;
        await pause(waitAfter(error, failures), call.signal);
      }
    }
  }

  return {
    patienceMs,
    open: (call) => persist(call, async (response) => response),
    json: <T>(call: Call) => persist(call, async (response) => (await response.json()) as T),
    bytes: (call) => persist(call, async (response) => ({ data: new Uint8Array(await response.arrayBuffer()), headers: response.headers })),
  };
}

/** Whether another try may do better. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && (error.status === 429 || error.status === 502 || error.status === 503 || error.status === 504);
}

/** What was refused for being too much has not been done. */
function mayRepeat({ isRepeatable }: Call, error: unknown): boolean {
  return isRepeatable ? isPassing(error) : error instanceof LimitError;
}

const MOST_RETRY_AFTER_SECONDS = 30;

export function waitAfter(error: unknown, failures: number): number {
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  return asked === undefined ? backOff(failures) : Math.min(asked, MOST_RETRY_AFTER_SECONDS) * 1000;
}

/** What breaks before or inside an answer is a ConnectionError, unless the caller gave up. */
async function failed<T>(base: string, { signal }: Call, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw new ConnectionError(`No answer from ${base}: ${reasonOf(error)}. Check that the server runs there.`, error);
  }
}

/** fetch itself says only that it failed. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.message || cause?.code || message || 'it failed';
}

async function headersOf({ headers }: Call, token: ClientOptions['token']): Promise<Record<string, string>> {
  const value = typeof token === 'function' ? await token() : token;
  return { ...(value ? { Authorization: `Bearer ${value}` } : {}), ...headers };
}

function bodyOf({ body, form }: Call, headers: Record<string, string>): { headers: Record<string, string>; body?: string | FormData } {
  if (form) return { headers, body: form };
  return body === undefined ? { headers } : { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

function target({ path, query = {} }: Call): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) given.append(name, String(one));
  }
  return given.size > 0 ? `${path}?${given}` : path;
}
