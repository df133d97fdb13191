export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

/** What the server does with one request: an answer, or no answer. */
export type Reply = Response | Error | ((seen: Seen) => Response | Promise<Response>);

/** A fetch that answers each request with the next reply, the last one for ever, and remembers what it was asked. */
export function fakeFetch(...replies: readonly Reply[]) {
  const seen: Seen[] = [];
  async function answer(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    init.signal?.throwIfAborted();
    const { pathname, search } = new URL(String(url));
    const request = {
      method: init.method ?? 'GET',
      path: pathname + search,
      headers: new Headers(init.headers),
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
      signal: init.signal ?? undefined,
    };
    seen.push(request);
    const reply = replies[Math.min(seen.length, replies.length) - 1];
    if (reply instanceof Error) throw reply;
    return typeof reply === 'function' ? reply(request) : (reply as Response).clone();
  }
  return { fetch: answer as typeof fetch, seen };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}
