import { Agent } from 'node:http';
import { seededRandom } from '../support/random.ts';
import { type OpenApiDocument, operationsOf } from './document.ts';
import { createJudge, type FuzzAnswer, type Judge } from './judge.ts';
import { type FuzzRequest, nextRequest, type RequestSource } from './requests.ts';
import { send } from './send.ts';

export interface FuzzOptions {
  readonly url: string;
  readonly tokens: readonly [string, ...string[]];
  readonly requests: number;
  readonly seed: number;
  /** At once. */
  readonly clients: number;
  readonly patienceMs: number;
  readonly onProgress?: (done: number) => void;
}

export interface Finding {
  readonly problem: string;
  readonly seed: number;
  readonly index: number;
  readonly request: FuzzRequest;
  readonly answer: FuzzAnswer | undefined;
}

export interface FuzzReport {
  readonly findings: readonly Finding[];
  /** How many answers had each status. */
  readonly statuses: ReadonlyMap<number, number>;
}

const BAD_TOKENS = ['', 'garbage', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJhY21lIn0.', 'x'.repeat(9_000)] as const;
const MOST_IDS = 200;

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
    const request = nextRequest(source, seededRandom(seed * 1_000_003 + mine), ids);
    const { answer, problem } = await play(request, judge, { url, agent, patienceMs: options.patienceMs });
    if (problem) findings.push({ problem, seed, index: mine, request, answer });
    if (!answer) return;
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status < 300) remember(ids, answer.body);
  }

  async function client(): Promise<void> {
    while (index < requests) {
      const mine = index++;
      await playOne(mine);
      options.onProgress?.(mine + 1);
    }
  }

  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return { findings, statuses };
}

async function play(
  request: FuzzRequest,
  judge: Judge,
  options: Parameters<typeof send>[1],
): Promise<{ answer: FuzzAnswer | undefined; problem: string | undefined }> {
  try {
    const answer = await send(request, options);
    return { answer, problem: judge(request, answer) };
  } catch (error) {
    return { answer: undefined, problem: `no whole answer: ${(error as Error).message}` };
  }
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
  const { method, path, headers, body } = request;
  const sent = `${method} ${path.slice(0, 300)} ${JSON.stringify({ ...headers, Authorization: undefined }).slice(0, 300)} ${body?.toString().slice(0, 500) ?? ''}`;
  return `${problem}\n  seed ${seed}, request ${index}: ${sent}\n  answer: ${answer ? `${answer.status} ${answer.body.slice(0, 400)}` : 'none'}`;
}
