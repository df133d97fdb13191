import { setTimeout as sleep } from 'node:timers/promises';
import { mintToken } from '../../../src/http/auth.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** A tenant that does not give up: a call whose answer is lost is made again until there is one, whatever it says. */
export interface Client {
  readonly tenant: string;
  call(call: Call): Promise<Answer>;
}

export interface Reached {
  readonly url: string;
  readonly jwtSecret: string;
  /** Called with every answer. */
  readonly onAnswer: (call: Call, answer: Answer) => void;
  /** Ends the trying. */
  readonly signal: AbortSignal;
}

const ANSWER_MS = 30_000;
const PAUSE_MS = 100;
const TOKEN_SECONDS = 30 * 24 * 3600;

export async function clientOf(reached: Reached, tenant: string): Promise<Client> {
  const token = await mintToken(reached.jwtSecret, { tenant, ttlSeconds: TOKEN_SECONDS });
  return {
    tenant,
    async call(call) {
      for (;;) {
        const answer = await attempt(reached, token, call);
        reached.signal.throwIfAborted();
        if (answer) return answer;
        await sleep(PAUSE_MS);
      }
    },
  };
}

/** Undefined when the server was not there, or went away before it had said all. */
async function attempt({ url, signal, onAnswer }: Reached, token: string, call: Call): Promise<Answer | undefined> {
  try {
    const response = await fetch(url + call.path, { ...requestOf(token, call), signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    const answer = { status: response.status, body: (await response.json()) as Record<string, unknown> };
    onAnswer(call, answer);
    return answer;
  } catch {
    return undefined;
  }
}

function requestOf(token: string, { method, body, idempotencyKey }: Call): RequestInit {
  const headers = {
    Authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
  };
  return { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}
