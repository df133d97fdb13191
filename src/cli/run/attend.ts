import type { Client } from '../../client/client.ts';
import { ConflictError, NotFoundError } from '../../client/errors.ts';
import type { ProcessRequest } from '../../client/types.ts';
import { exitCodeOf } from '../exit-code.ts';
import { write } from '../print.ts';
import { type Ahead, readAhead } from './input.ts';
import { catchSignals, createRelay } from './relay-signals.ts';
import { show } from './show.ts';

/** An input that ends within this goes with the request. */
const AHEAD_MS = 30;
const AHEAD_BYTES = 1024 * 1024;

/**
 * Runs a process and stays with it to its end, as if it ran here: its output comes out, our signals reach it, `input` becomes its standard input, and its exit
 * code is the answer. One whose output nobody reads any more is ended, as a pipe would end it here.
 */
export async function attend(client: Client, request: ProcessRequest, input: NodeJS.ReadStream | undefined): Promise<number> {
  const signals = catchSignals(process);
  const ahead = await beginningOf(input);
  const stdin = { data: Buffer.from(ahead.data).toString('base64'), encoding: 'base64' as const, close: ahead.rest === undefined };
  const { process_id: id } = await client.submit({ ...request, stdin });
  const relay = createRelay({ signal: (name) => client.signal(id, name), kill: () => client.kill(id, { signal: 'KILL' }) });
  signals.passOn((name) => void relay(name).catch(complain));
  try {
    return await follow(client, id, ahead.rest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') await client.kill(id).catch(() => undefined);
    else await note(`${id} may still run: coracle logs -f ${id}`);
    throw error;
  }
}

/** A person at a terminal is not waited for. */
async function beginningOf(input: NodeJS.ReadStream | undefined): Promise<Ahead> {
  if (!input) return { data: new Uint8Array(), rest: undefined };
  return input.isTTY ? { data: new Uint8Array(), rest: input } : readAhead(input, { ms: AHEAD_MS, most: AHEAD_BYTES });
}

async function follow(client: Client, id: string, rest: Ahead['rest']): Promise<number> {
  let input = rest;
  const ended = await show(client, id, {
    onStatus({ status }) {
      if (status !== 'running' || !input) return;
      void passInput(client, id, input).catch(complain);
      input = undefined;
    },
  });
  const { failure, ...outcome } = ended ?? (await client.wait(id));
  if (failure && failure.kind !== 'exit' && failure.kind !== 'signal') await note(failure.message);
  return exitCodeOf({ failure, ...outcome });
}

/** Until it ends, or the process takes no more. */
async function passInput(client: Client, id: string, input: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const piece of input) await client.writeStdin(id, piece);
    await client.writeStdin(id, '', { close: true });
  } catch (error) {
    if (!(error instanceof ConflictError) && !(error instanceof NotFoundError)) throw error;
  }
}

function complain(error: Error): void {
  note(error.message).catch(() => undefined);
}

function note(text: string): Promise<void> {
  return write(process.stderr, `coracle: ${text}\n`);
}
