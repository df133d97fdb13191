import type { Client } from '../../client/client.ts';
import type { EventsOptions, ProcessEvent, ProcessState } from '../../client/following.ts';
import { write } from '../print.ts';

export interface ShowOptions extends EventsOptions {
  /** One of the streams; both when not given. */
  readonly stream?: 'stdout' | 'stderr' | undefined;
  /** Where to stop, in bytes of both streams; at the end of the process when not given. */
  readonly until?: number;
  readonly onStatus?: (process: ProcessState) => void;
}

/**
 * Writes what a process prints to standard output and standard error, exact and as it comes. Resolves with the status in which it ended, or undefined when
 * `until` came first. Rejects with EPIPE when nobody reads it any more.
 */
export async function show(
  client: Client,
  id: string,
  { stream, until = Number.POSITIVE_INFINITY, onStatus, ...options }: ShowOptions = {},
): Promise<ProcessState | undefined> {
  if (until === 0) return undefined;
  for await (const event of client.events(id, options)) {
    if (event.type !== 'status') await writePiece(event, stream);
    else {
      onStatus?.(event.process);
      if (hasEnded(event.process)) return event.process;
    }
    if (endOf(event) >= until) return undefined;
  }
  return undefined;
}

type Piece = Exclude<ProcessEvent, { readonly type: 'status' }>;

async function writePiece(event: Piece, stream: ShowOptions['stream']): Promise<void> {
  if (event.type === 'dropped')
    await write(process.stderr, `coracle: ${event.next_offset - event.offset} bytes were dropped here to keep within the output limit\n`);
  else if (stream === undefined || stream === event.stream) await write(process[event.stream], event.data);
}

function endOf(event: ProcessEvent): number {
  if (event.type === 'status') return 0;
  return event.type === 'dropped' ? event.next_offset : event.offset + event.data.length;
}

export function hasEnded({ status }: Pick<ProcessState, 'status'>): boolean {
  return status !== 'queued' && status !== 'running';
}
