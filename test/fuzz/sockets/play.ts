import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame, type Frame, OPCODE, takeFrames } from './frames.ts';
import type { SocketScript } from './scripts.ts';

/** What a server did in one conversation. */
export interface SocketAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of an answer that is no upgrade. */
  readonly body: string;
  readonly frames: readonly Frame[];
}

export interface PlayOptions {
  readonly url: string;
  /** A server that has not ended the connection by then hangs. */
  readonly patienceMs: number;
}

/** How long a client listens that has said everything. */
const LISTENS_MS = 25;

/** Rejects when there is no whole answer, no end, or no frames where there should be some. A client that cuts the connection may have no answer. */
export async function playSocket(script: SocketScript, { url, patienceMs }: PlayOptions): Promise<SocketAnswer | undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()).on('error', () => undefined));
  const timer = setTimeout(() => socket.destroy(), patienceMs);
  const startedAt = Date.now();
  const heard = listen(socket, script);
  socket.write(script.head);
  if (script.isHasty) for (const piece of script.pieces) socket.write(piece);
  if (script.isHasty && script.leaving === 'cut') socket.destroySoon();
  await Promise.race([heard.opened, ended]);
  if (heard.answer()?.status === 101) await converse(socket, script, ended);
  else if (script.leaving === 'end') socket.end();
  await ended;
  clearTimeout(timer);
  if (Date.now() - startedAt >= patienceMs) throw new Error(`no end within ${patienceMs} ms`);
  if (heard.problem()) throw new Error(heard.problem());
  if (!heard.answer() && script.leaving !== 'cut') throw new Error('no answer');
  return heard.answer();
}

async function converse(socket: Socket, { pieces, isHasty, leaving, closing }: SocketScript, ended: Promise<void>): Promise<void> {
  for (const piece of isHasty ? [] : pieces) {
    if (socket.writable) socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.race([sleep(LISTENS_MS), ended]);
  if (leaving === 'cut') socket.destroy();
  else if (socket.writable) leaving === 'end' ? socket.end() : socket.write(closing);
}

/** Collects the answer, answers pings and closes, and ends the connection after an answer that is no upgrade. */
function listen(socket: Socket, script: SocketScript) {
  const opened = Promise.withResolvers<void>();
  const frames: Frame[] = [];
  let answer: SocketAnswer | undefined;
  let problem: string | undefined;
  let rest = Buffer.alloc(0);

  function takeHead(): void {
    const at = rest.indexOf('\r\n\r\n');
    if (at < 0) return;
    const head = parseHead(rest.subarray(0, at).toString('latin1'));
    const length = head.status === 101 || script.head.startsWith('HEAD') ? 0 : Number(head.headers['content-length'] ?? 0);
    if (rest.length < at + 4 + length) return;
    answer = { ...head, body: rest.subarray(at + 4, at + 4 + length).toString(), frames };
    rest = rest.subarray(at + 4 + length);
    opened.resolve();
    if (head.status !== 101) socket.destroySoon();
  }

  function takeRest(): void {
    const taken = takeFrames(rest);
    rest = Buffer.from(taken.rest);
    for (const frame of taken.frames) {
      frames.push(frame);
      if (frame.opcode === OPCODE.ping && socket.writable) socket.write(encodeFrame(OPCODE.pong, frame.payload));
      if (frame.opcode === OPCODE.close && socket.writable) socket.end(encodeFrame(OPCODE.close, frame.payload));
    }
  }

  socket.on('data', (chunk) => {
    try {
      rest = Buffer.concat([rest, chunk]);
      if (!answer) takeHead();
      if (answer?.status === 101) takeRest();
    } catch (error) {
      problem = (error as Error).message;
      socket.destroy();
    }
  });
  socket.on('end', () => socket.end());
  return { opened: opened.promise, answer: () => answer, problem: () => problem };
}

function parseHead(head: string): Pick<SocketAnswer, 'status' | 'headers'> {
  const [line = '', ...lines] = head.split('\r\n');
  const headers = lines.map((each): [string, string] => [each.slice(0, each.indexOf(':')).toLowerCase(), each.slice(each.indexOf(':') + 1).trim()]);
  return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers) };
}
