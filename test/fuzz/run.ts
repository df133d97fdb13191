import { Agent } from 'node:http';
import { seededRandom } from '../support/random.ts';
import { type OpenApiDocument, operationsOf } from './document.ts';
import { createJudge, type FuzzAnswer, type Judge } from './judge.ts';
import { type FuzzRequest, nextRequest, type RequestSource } from './requests.ts';
import { resumePaused } from './resume.ts';
import { send } from './send.ts';
import { judgeSocket } from './sockets/judge.ts';
import { playSocket, type SocketAnswer } from './sockets/play.ts';
import { nextSocket, type SocketScript } from './sockets/scripts.ts';

export interface FuzzOptions {
  readonly url: string;
  readonly tokens: readonly [string, ...string[]];
  readonly requests: number;
  readonly seed: number;
  /** At once. */
  readonly clients: number;
  readonly onProgress?: (done: number) => void;
}

export interface Finding {
  readonly problem: string;
  readonly seed: number;
  readonly index: number;
  readonly request: FuzzRequest | SocketScript;
  readonly answer: FuzzAnswer | undefined;
}

export interface FuzzReport {
  readonly findings: readonly Finding[];
  /** How many answers had each status; 0 stands for none, of a client that did not wait for it. */
  readonly statuses: ReadonlyMap<number, number>;
}

const BAD_TOKENS = ['', 'garbage', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJhY21lIn0.', 'x'.repeat(9_000)] as const;
const MOST_IDS = 200;
/** An answer that takes longer is a hang. The server itself gives up after 30 s on whoever sends half of something, and says after 60 s that what is waited for has not come. */
const PATIENCE_MS = 90_000;
/** One in so many is a conversation over a WebSocket. */
const SOCKETS_ONE_IN = 10;

/** Plays requests made from the server's own OpenAPI document, each from a seed of its own, and judges every answer. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { url, tokens, requests, seed, clients } = options;
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument;
  const source: RequestSource = { document, operations: operationsOf(document), tokens, badTokens: BAD_TOKENS };
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const findings: Finding[] = [];
  const statuses = new Map<number, number>();
  const ids: string[] = [];
  const judge = createJudge(document);
  let index = 0;

  async function playOne(mine: number): Promise<void> {
    const random = seededRandom(seed * 1_000_003 + mine);
    const isSocket = seededRandom(seed + mine * 7_919).integer(1, SOCKETS_ONE_IN) === 1;
    const played = isSocket
      ? await playConversation(nextSocket(source, random, ids), url)
      : await play(nextRequest(source, random, ids), judge, { url, agent, patienceMs: PATIENCE_MS });
    const { problem, request, answer } = played;
    if (problem) findings.push({ problem, seed, index: mine, request, answer });
    const status = answer?.status ?? 0;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (answer && status < 300) remember(ids, answer.body);
  }

  async function client(): Promise<void> {
    while (index < requests) {
      const mine = index++;
      await playOne(mine);
      options.onProgress?.(mine + 1);
    }
  }

  const over = new AbortController();
  const resuming = resumePaused(url, tokens, over.signal);
  await Promise.all(Array.from({ length: clients }, client));
  over.abort();
  await resuming;
  agent.destroy();
  return { findings, statuses };
}

interface Played {
  readonly request: FuzzRequest | SocketScript;
  readonly answer: FuzzAnswer | undefined;
  readonly problem: string | undefined;
}

async function play(request: FuzzRequest, judge: Judge, options: Parameters<typeof send>[1]): Promise<Played> {
  try {
    const answer = await send(request, options);
    return { request, answer, problem: judge(request, answer) };
  } catch (error) {
    return { request, answer: undefined, problem: `no whole answer: ${(error as Error).message}` };
  }
}

async function playConversation(request: SocketScript, url: string): Promise<Played> {
  try {
    const answers = await Promise.all(Array.from({ length: request.times }, () => playSocket(request, { url, patienceMs: PATIENCE_MS })));
    const problem = answers.flatMap((answer) => (answer && judgeSocket(request, answer)) ?? []).at(0);
    return { request, answer: answers.at(0) && told(answers[0] as SocketAnswer), problem };
  } catch (error) {
    return { request, answer: undefined, problem: `no whole conversation: ${(error as Error).message}` };
  }
}

/** With what was said after an upgrade in place of a body. */
function told({ frames, ...answer }: SocketAnswer): FuzzAnswer {
  const said = frames.map(({ opcode, payload }) => `${opcode} ${payload.subarray(0, 100)}`).join('\n');
  return { ...answer, body: answer.status === 101 ? said : answer.body };
}

/** So that later requests are about what is there. */
function remember(ids: string[], body: string): void {
  const [id] = /\b(proc|sbx)_[\w-]{22}\b/.exec(body) ?? [];
  if (id === undefined || ids.includes(id)) return;
  ids.push(id);
  if (ids.length > MOST_IDS) ids.shift();
}

/** Enough to send it again by hand. */
export function describeFinding({ problem, seed, index, request, answer }: Finding): string {
  const sent = 'head' in request ? describeScript(request) : describeRequest(request);
  return `${problem}\n  seed ${seed}, request ${index}: ${sent}\n  answer: ${answer ? `${answer.status} ${answer.body.slice(0, 400)}` : 'none'}`;
}

function describeRequest({ method, path, headers, body }: FuzzRequest): string {
  return `${method} ${path.slice(0, 300)} ${JSON.stringify({ ...headers, Authorization: undefined }).slice(0, 300)} ${body?.toString().slice(0, 500) ?? ''}`;
}

function describeScript({ head, pieces, leaving, isHasty, times }: SocketScript): string {
  const shown = head
    .replace(/Authorization: .*/, '')
    .replaceAll('\r\n', ' | ')
    .slice(0, 400);
  return `${shown} ${JSON.stringify(pieces.map((piece) => piece.toString('hex').slice(0, 200)))}, ${leaving}${isHasty ? ' in haste' : ''}, ${times} at once`;
}
