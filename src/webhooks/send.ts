import { addressIn, isPublicAddress } from './address.ts';
import { AddressRefused, createLookup } from './lookup.ts';

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type SendResult =
  /** The receiver answered; 2xx counts as delivered. */
  | { readonly status: number }
  /** A sentence, safe to show to the tenant. */
  | { readonly problem: string };

/** Posts a message. Never rejects, does not follow redirects, and is over within `SEND_MS`. */
export type Send = (message: Message) => Promise<SendResult>;

const CONNECT_MS = 5_000;
/** How long a receiver may take to answer, all in all. */
export const SEND_MS = 15_000;
/** What is read of an answer, in bytes, before the connection is dropped. */
const ANSWER_BYTES = 64 * 1024;

export interface SendOptions {
  /** Whether receivers may be at loopback, private, link-local and other addresses that are not public. */
  readonly allowPrivate: boolean;
  readonly withinMs?: number;
}

/** Each message has a connection of its own: the address is looked at whenever one is made, and receivers are many. */
export function createSend({ allowPrivate, withinMs = SEND_MS }: SendOptions): Send {
  const connect = { lookup: createLookup({ allowPrivate }), timeout: CONNECT_MS };
  return async ({ url, headers, body }) => {
    // Most servers never send one.
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent({ connect, headersTimeout: withinMs, bodyTimeout: withinMs });
    try {
      refuseAddress(url, allowPrivate);
      const signal = AbortSignal.timeout(withinMs);
      const answer = await request(url, { method: 'POST', dispatcher, headers, body, signal });
      await answer.body.dump({ limit: ANSWER_BYTES, signal }).catch(() => undefined);
      return { status: answer.statusCode };
    } catch (error) {
      return { problem: explain(error) };
    } finally {
      await dispatcher.destroy();
    }
  };
}

/** An address in place of a name is never looked up. */
function refuseAddress(url: string, allowPrivate: boolean): void {
  const address = addressIn(new URL(url));
  if (address !== undefined && !allowPrivate && !isPublicAddress(address)) throw new AddressRefused();
}

const OF_CODE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host of the callback_url is not known.',
  ENODATA: 'The host of the callback_url has no address.',
  ETIMEOUT: 'The name servers of the callback_url did not answer in time.',
  ECONNREFUSED: 'The receiver refused the connection.',
  ECONNRESET: 'The receiver broke the connection.',
  UND_ERR_CONNECT_TIMEOUT: 'The receiver could not be reached in time.',
  UND_ERR_HEADERS_TIMEOUT: 'The receiver did not answer in time.',
  UND_ERR_SOCKET: 'The receiver broke the connection.',
};

/** Nothing of the error's own text: it tells of the server's network. */
function explain(error: unknown): string {
  if (error instanceof AddressRefused) return error.message;
  const { code, name } = error as { code?: string; name?: string };
  if (name === 'TimeoutError') return 'The receiver did not answer in time.';
  return OF_CODE[code ?? ''] ?? 'The receiver could not be reached.';
}
