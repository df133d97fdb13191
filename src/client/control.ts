import { toBase64 } from './base64.ts';
import { pathOf } from './paths.ts';
import type { CallOptions, Transport } from './transport.ts';
import type { KillHow, KillManyReply, KillReply, KillSelection, SignalName, StdinRequest } from './types.ts';

export interface StdinOptions extends CallOptions {
  /** Whether end of file follows. */
  readonly close?: boolean;
}

/** What reaches into processes. None of it is tried a second time, unless the first was refused for being too much: it might count twice. */
export interface Control {
  /** Writes to its standard input, which the request left open with `stdin: { data: '', close: false }`. Rejects with ConflictError once that is closed. */
  writeStdin(id: string, data: string | Uint8Array, options?: StdinOptions): Promise<void>;
  /** Sends it a signal. Rejects with ConflictError when it does not run. */
  signal(id: string, signal: SignalName, options?: CallOptions): Promise<void>;
  /** Ends it; resolves when it has ended. Rejects with NotFoundError when it already had. */
  kill(id: string, how?: KillHow, options?: CallOptions): Promise<KillReply>;
  /** Ends several; resolves with what was stopped, when it is. */
  killMany(selection: KillSelection, how?: KillHow, options?: CallOptions): Promise<KillManyReply>;
}

/** Input of one call at most; the server takes 4 MiB. */
const STDIN_BYTES = 1024 * 1024;

export function createControl({ json }: Transport): Control {
  function end<T>(body: object, signal: AbortSignal | undefined): Promise<T> {
    return json({ method: 'DELETE', path: '/execute/kill', body, signal, isRepeatable: false });
  }

  return {
    async writeStdin(id, data, { signal, close = false } = {}) {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
      for (let at = 0; at === 0 || at < bytes.length; at += STDIN_BYTES) {
        const isLast = at + STDIN_BYTES >= bytes.length;
        const body: StdinRequest = { data: toBase64(bytes.subarray(at, at + STDIN_BYTES)), encoding: 'base64', close: close && isLast };
        await json({ method: 'POST', path: `${pathOf(id)}/stdin`, body, signal, isRepeatable: false });
      }
    },
    async signal(id, name, { signal } = {}) {
      await json({ method: 'POST', path: `${pathOf(id)}/signal`, body: { signal: name }, signal, isRepeatable: false });
    },
    kill: (id, how = {}, { signal } = {}) => end({ process_id: id, ...how }, signal),
    killMany: (selection, how = {}, { signal } = {}) => end({ ...selection, ...how }, signal),
  };
}
