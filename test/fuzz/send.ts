import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { FuzzAnswer } from './judge.ts';
import type { FuzzRequest } from './requests.ts';

/** A stream of events never ends by itself: what it says so soon is enough. */
const STREAM_MS = 30;
const MOST_BODY_BYTES = 4 * 1024 * 1024;

export interface SendOptions {
  readonly url: string;
  readonly agent: Agent;
  /** An answer that takes longer is a hang. */
  readonly patienceMs: number;
}

/** Rejects when there is no answer, or not all of it. */
export function send({ method, path, headers, body }: FuzzRequest, { url, agent, patienceMs }: SendOptions): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, agent, headers: { ...headers, ...(body ? { 'Content-Length': body.length } : {}) } });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
    request.on('response', (response) => void collect(request, response).then(resolve, reject));
    request.on('error', reject);
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });
}

async function collect(request: ClientRequest, response: IncomingMessage): Promise<FuzzAnswer> {
  const isStream = response.headers['content-type']?.includes('event-stream') === true;
  const chunks: Buffer[] = [];
  const cut = isStream ? setTimeout(() => request.destroy(), STREAM_MS) : undefined;
  try {
    let length = 0;
    for await (const chunk of response) {
      length += chunk.length;
      if (length <= MOST_BODY_BYTES) chunks.push(chunk);
    }
  } catch (error) {
    if (!isStream) throw error;
  }
  clearTimeout(cut);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() };
}
