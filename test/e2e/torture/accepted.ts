import { setTimeout as sleep } from 'node:timers/promises';
import { OUTPUT_STREAMS, type OutputStream } from '../../../src/output/output-store.ts';
import type { Answer, Client } from './client.ts';
import type { Program } from './load.ts';

/** A process that the server has accepted, and what was seen of it on the way. */
export interface Accepted {
  readonly id: string;
  readonly tenant: string;
  readonly program: Program;
  /** What the answer to its kill said of it. */
  killing: 'not asked' | 'killed' | 'ended first';
  /** When its container was removed behind the server's back, as far as we know that it had started. */
  removedAt: number | undefined;
  /** What a reader was given that the program does not print. */
  readonly misread: string[];
  isOver: boolean;
}

const POLL_MS = 700;
const PIECE_BYTES = 256 * 1024;

/** Answers undefined for a submission that was refused, which then has left nothing. */
export async function submit(client: Client, program: Program): Promise<Accepted | undefined> {
  const body = { language: 'bash', code: program.code, name: program.kind, timeout: program.timeoutSeconds };
  const answer = await client.call({ method: 'POST', path: '/execute/background', body, idempotencyKey: program.tag });
  if (answer.status !== 200) return undefined;
  const id = String(answer.body['process_id']);
  return { id, tenant: client.tenant, program, killing: 'not asked', removedAt: undefined, misread: [], isOver: false };
}

/** Reads along until the process has ended, and kills it when its time has come. */
export async function follow(client: Client, accepted: Accepted): Promise<void> {
  const { program } = accepted;
  const readers = OUTPUT_STREAMS.map((stream) => createReader(client, accepted, stream));
  const killed = program.killing === 'early' ? kill(client, accepted) : undefined;
  for (;;) {
    const states = await Promise.all(readers.map((read) => read()));
    if (states.every(({ isAtEnd }) => isAtEnd)) break;
    const isUp = states.every(({ isWhole }) => isWhole);
    if (isUp && program.killing === 'once up' && accepted.killing === 'not asked') await kill(client, accepted);
    await sleep(POLL_MS);
  }
  await killed;
  accepted.isOver = true;
}

interface ReadState {
  /** The process has ended, and nothing more comes. */
  readonly isAtEnd: boolean;
  /** All that the program prints by itself has been read. */
  readonly isWhole: boolean;
}

/** Reads a stream from where the last call stopped, and holds each piece against what the program prints. */
function createReader(client: Client, { id, program, misread }: Accepted, stream: OutputStream): () => Promise<ReadState> {
  const printed = Buffer.concat([program.prints(stream), Buffer.from(stream === 'stdout' ? program.lastWord : '')]);
  const wholeBytes = program.prints(stream).length;
  let next = 0;
  function compare(body: Answer['body']): void {
    const data = Buffer.from(String(body['data']), 'base64');
    const offset = Number(body['offset']);
    if (!data.equals(printed.subarray(offset, offset + data.length)))
      misread.push(`read ${data.length} bytes of ${stream} at ${offset} that it does not print there`);
    if (offset !== next && !Number(body['dropped_bytes'])) misread.push(`asked for ${stream} at ${next}, got it at ${offset}`);
  }
  return async () => {
    const { status, body } = await client.call({ method: 'GET', path: pieceOf(id, stream, next) });
    if (status >= 500) return { isAtEnd: false, isWhole: false };
    if (status !== 200) {
      misread.push(`its output is answered with ${status} ${JSON.stringify(body)}`);
      return { isAtEnd: true, isWhole: false };
    }
    compare(body);
    next = Number(body['next_offset']);
    return { isAtEnd: body['eof'] === true, isWhole: next >= wholeBytes };
  };
}

export function pieceOf(id: string, stream: OutputStream, offset: number): string {
  return `/execute/processes/${id}/output?stream=${stream}&encoding=base64&offset=${offset}&limit=${PIECE_BYTES}`;
}

/** The answer says what the process came to, also when an earlier call, whose answer was lost, has killed it. One that is still to come is asked for again. */
async function kill(client: Client, accepted: Accepted): Promise<void> {
  for (;;) {
    const { status, body } = await client.call({ method: 'DELETE', path: '/execute/kill', body: { process_id: accepted.id } });
    const ended = status === 200 ? body['status'] : (body['details'] as { readonly status?: string } | undefined)?.status;
    if (ended && ended !== 'running') {
      accepted.killing = ended === 'killed' ? 'killed' : 'ended first';
      return;
    }
    if (status !== 200 && status < 500) {
      accepted.misread.push(`its kill was answered with ${status} ${JSON.stringify(body)}`);
      return;
    }
    await sleep(POLL_MS);
  }
}
