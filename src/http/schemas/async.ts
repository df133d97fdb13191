import { z } from 'zod';
import { optional } from './common.ts';
import { backgroundBody } from './execute.ts';

const MAX_HEADERS = 32;
const MAX_HEADER_BYTES = 8 * 1024;

/** What belongs to the connection, to the message or to us: a caller's word on them could smuggle a request or forge our signature. */
const OWN_HEADERS =
  /^(?:host|content-(?:length|type|encoding)|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*|user-agent|x-hopx-.*)$/i;

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/, 'a name must be an HTTP token')
  .refine((name) => !OWN_HEADERS.test(name), 'a header of the connection or of Coracle itself cannot be set');
const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, 'a value must be printable ASCII on one line');

const callbackHeaders = z
  .record(headerName, headerValue)
  .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `must have at most ${MAX_HEADERS} entries`)
  .refine((headers) => Object.entries(headers).reduce((bytes, entry) => bytes + entry.join().length, 0) <= MAX_HEADER_BYTES, 'must be at most 8 KiB')
  .describe('Headers to send along: up to 32, 8 KiB together; not those of the connection, nor Content-Type, User-Agent and X-HopX-…');

const callbackUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_048)
  .refine((text) => URL.parse(text)?.username === '' && URL.parse(text)?.password === '', 'must not hold a user or password')
  .describe('Where to POST the result: http or https, up to 2048 characters');

export const asyncBody = backgroundBody
  .extend({
    timeout: optional(z.int().min(1).max(86_400).describe('Most execution time, in seconds from the start'), 3_600),
    callback_url: callbackUrl,
    callback_headers: optional(callbackHeaders, null),
    callback_signature_secret: optional(z.string().min(1).max(1_024).describe('Key of X-HopX-Signature: HMAC-SHA256 of X-HopX-Timestamp and the body'), null),
  })
  .meta({ id: 'AsyncRequest' });

export type AsyncBody = z.output<typeof asyncBody>;

export const asyncReply = z
  .object({ execution_id: z.string(), process_id: z.string(), status: z.literal('queued'), callback_url: z.string() })
  .meta({ id: 'AsyncReply' });

export const deliverySchema = z
  .object({
    delivery_id: z.string().describe('As in the header X-HopX-Delivery, the same in every attempt'),
    callback_url: z.string(),
    state: z.enum(['pending', 'delivered', 'failed']).describe('pending: the process has not ended, or another attempt follows'),
    attempts: z.int(),
    next_attempt_at: z.iso.datetime().nullable(),
    last_attempt_at: z.iso.datetime().nullable(),
    last_status: z.int().nullable().describe("The receiver's last answer"),
    last_error: z.string().nullable(),
  })
  .nullable()
  .describe('What became of telling its end to a callback_url; null without one');
