import { Agent, type IncomingMessage, request } from 'node:http';
import { mintToken } from '../../src/http/auth.ts';
import type { Reached } from '../support/api.ts';

export interface Timing {
  /** All in milliseconds from the moment before the POST. */
  readonly reply: number;
  readonly firstByte: number;
  readonly terminal: number;
}

export interface Caller {
  /** Submits a program and follows it to its end by server-sent events. */
  run(program: Readonly<Record<string, unknown>>): Promise<Timing>;
  call(method: string, path: string, body?: unknown): Promise<IncomingMessage>;
}

/** A client with as little of its own as there can be, so that it is the server that is measured. */
export async function callerOf({ url, jwtSecret }: Reached, tenant = 'bench'): Promise<Caller> {
  const agent = new Agent({ keepAlive: true });
  const token = await mintToken(jwtSecret, { tenant, ttlSeconds: 36_000 });
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

  function call(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(url + path, { method, headers, agent }, resolve);
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  return {
    call,
    async run(program) {
      const began = performance.now();
      const { process_id: id } = JSON.parse(await textOf(await call('POST', '/execute/background', program)));
      const reply = performance.now() - began;
      const { firstByte, text } = await follow(await call('GET', `/execute/processes/${id}/events`), began);
      if (!text.includes('"status":"completed"')) throw new Error(`a program of the benchmark has not completed: ${text.slice(-2_000)}`);
      return { reply, firstByte, terminal: performance.now() - began };
    },
  };
}

async function follow(events: IncomingMessage, began: number): Promise<{ firstByte: number; text: string }> {
  let text = '';
  let firstByte = Number.NaN;
  for await (const chunk of events) {
    text += chunk;
    if (Number.isNaN(firstByte) && text.includes('event: output')) firstByte = performance.now() - began;
  }
  return { firstByte, text };
}

export async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message) text += chunk;
  if (message.statusCode !== 200) throw new Error(`${message.statusCode}: ${text}`);
  return text;
}
