import { z } from 'zod';
import { READABLE_STREAMS } from '../../output/output-store.ts';

export const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

export const outputQuery = z.object({
  stream: z.enum(READABLE_STREAMS).default('stdout').describe('all: both, in the order in which they came; offsets then count the bytes of both'),
  offset: z.coerce.number().int().default(0).describe('First byte; negative counts from the end'),
  limit: z.coerce.number().int().min(1).max(MOST_OUTPUT_BYTES).default(1_048_576).describe('Bytes at most'),
  encoding: z.enum(['utf8', 'base64', 'raw']).default('utf8').describe('utf8 turns what is no UTF-8 into U+FFFD; base64 and raw are exact'),
});

export const outputHeaders = z.object({
  range: z.string().optional().describe('With encoding=raw, one range of bytes, such as bytes=100-; in place of offset and limit'),
});

export const outputReply = z
  .object({
    data: z.string(),
    offset: z.int().describe('Where data begins; later than asked for when the bytes between were dropped'),
    next_offset: z.int().describe('Where the next read goes on'),
    total_bytes: z.int().describe('Bytes written so far, dropped ones included'),
    dropped_bytes: z.int().describe('Bytes of the stream that were dropped so far, to keep within the output limit'),
    skipped_bytes: z.int().describe('Dropped bytes between the offset that was asked for and the one where data begins'),
    eof: z.boolean().describe('The process has ended and this is its last byte'),
  })
  .meta({ id: 'Output' });
