import { pathOf } from './paths.ts';
import { backOff, pause } from './pause.ts';
import { type CallOptions, isPassing, type Transport } from './transport.ts';
import type { AcceptedProcess, ListedProcess, ListQuery, Process, ProcessList, ProcessRequest, RemoveReply, Stretch, StretchQuery } from './types.ts';

export interface SubmitOptions extends CallOptions {
  /** Makes a repeated submission count once, for 24 h; made for each call when not given. */
  readonly idempotencyKey?: string;
}

/** The calls about processes. All reject with ApiError (as the server answered), ConnectionError, or the reason of an aborted signal. */
export interface Processes {
  /** Has a process accepted, and does not wait for it. However often it has to be tried, it becomes one process. */
  submit(request: ProcessRequest, options?: SubmitOptions): Promise<AcceptedProcess>;
  /** Submits and waits for the end. A program that fails is no error: its `status`, `failure` and `exit_code` say it. */
  run(request: ProcessRequest, options?: SubmitOptions): Promise<Process>;
  /** As it is now, with the end of its output. */
  get(id: string, options?: CallOptions): Promise<Process>;
  /** Resolves when it has ended. It holds on while the server restarts. */
  wait(id: string, options?: CallOptions): Promise<Process>;
  /** One page, newest first. */
  list(query?: ListQuery, options?: CallOptions): Promise<ProcessList>;
  /** Every process that the pages hold, one page after the other. */
  listAll(query?: ListQuery, options?: CallOptions): AsyncIterableIterator<ListedProcess>;
  /** A stretch of what it has printed so far, exact to the byte; `next_offset` is where the next goes on. */
  read(id: string, query?: StretchQuery, options?: CallOptions): Promise<Stretch>;
  /** One of the files that `artifacts` of the request has kept, whole; its record lists them. */
  artifact(id: string, path: string, options?: CallOptions): Promise<Uint8Array>;
  /** Removes the record and output of one that has ended. */
  remove(id: string, options?: CallOptions): Promise<RemoveReply>;
}

/** How long one answer is waited for: short enough for what stands between client and server. */
const WAIT_SECONDS = 25;

export function createProcesses(transport: Transport): Processes {
  const { json, patienceMs } = transport;

  function submit(request: ProcessRequest, { signal, idempotencyKey = newKey() }: SubmitOptions = {}): Promise<AcceptedProcess> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return json({ method: 'POST', path: '/execute/background', body: request, headers, signal, isRepeatable: true });
  }

  /** Every answer, also that it has not ended yet, shows that the server is there. */
  async function wait(id: string, { signal }: CallOptions = {}): Promise<Process> {
    const path = `${pathOf(id)}/wait`;
    const ask = () => json<Process>({ method: 'GET', path, query: { timeout: WAIT_SECONDS }, signal, isRepeatable: false });
    for (;;) {
      const process = await patiently(ask, { patienceMs, signal });
      if (process.status !== 'queued' && process.status !== 'running') return process;
    }
  }

  function list(query: ListQuery = {}, { signal }: CallOptions = {}): Promise<ProcessList> {
    return json({ method: 'GET', path: '/execute/processes', query, signal, isRepeatable: true });
  }

  async function* listAll(query: ListQuery = {}, options: CallOptions = {}): AsyncGenerator<ListedProcess> {
    let cursor: string | null | undefined = query.cursor;
    do {
      const page: ProcessList = await list({ ...query, ...(cursor ? { cursor } : {}) }, options);
      yield* page.processes;
      cursor = page.next_cursor;
    } while (cursor);
  }

  async function read(id: string, query: StretchQuery = {}, { signal }: CallOptions = {}): Promise<Stretch> {
    const path = `${pathOf(id)}/output`;
    const response = await transport.bytes({ method: 'GET', path, query: { ...query, encoding: 'raw' }, signal, isRepeatable: true });
    return {
      data: response.data,
      offset: countIn(response, 'Offset'),
      next_offset: countIn(response, 'Next-Offset'),
      total_bytes: countIn(response, 'Total-Bytes'),
      dropped_bytes: countIn(response, 'Dropped-Bytes'),
      skipped_bytes: countIn(response, 'Skipped-Bytes'),
      eof: response.headers.get('X-Output-Eof') === 'true',
    };
  }

  return {
    submit,
    run: async (request, options = {}) => wait((await submit(request, options)).process_id, options),
    get: (id, { signal } = {}) => json({ method: 'GET', path: pathOf(id), signal, isRepeatable: true }),
    wait,
    list,
    listAll,
    read,
    async artifact(id, path, { signal } = {}) {
      const { data } = await transport.bytes({ method: 'GET', path: `${pathOf(id)}/artifacts`, query: { path }, signal, isRepeatable: true });
      return data;
    },
    remove: (id, { signal } = {}) => json({ method: 'DELETE', path: pathOf(id), signal, isRepeatable: false }),
  };
}

function countIn({ headers }: { headers: Headers }, name: string): number {
  return Number(headers.get(`X-Output-${name}`));
}

/** 128 random bits. Where a page did not come over TLS there is no crypto.randomUUID. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Tries again until the server has been away for longer than `patienceMs`. */
export async function patiently<T>(work: () => Promise<T>, { patienceMs, signal }: CallOptions & { patienceMs: number }): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let failures = 0; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || Date.now() >= deadline) throw error;
      await pause(backOff(failures), signal);
    }
  }
}
