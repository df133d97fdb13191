import { z } from 'zod';

/** An optional field: absent and null mean the default. */
export function optional<S extends z.ZodType<unknown, unknown>, D>(schema: S, fallback: D) {
  return schema
    .nullish()
    .meta(fallback === null ? {} : { default: fallback })
    .transform((value) => (value ?? fallback) as NonNullable<z.output<S>> | D);
}

export const errorSchema = z
  .object({
    error: z.string().describe('What went wrong, in a few words'),
    code: z.string().describe('Stable, for programs'),
    message: z.string().describe('What went wrong and what to do, for people'),
    details: z.record(z.string(), z.unknown()),
    retry_after: z.int().optional().describe('Seconds, as in the header Retry-After'),
    request_id: z.string().describe('As in the header X-Request-ID'),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'Error' });

/** The answers that every authenticated route can give besides its own. */
export const authErrors = {
  401: errorSchema.describe('No token, or one that is bad (INVALID_TOKEN) or expired (TOKEN_EXPIRED)'),
  403: errorSchema.describe('The token lacks the scope that details.missing_scope names'),
  429: errorSchema.describe('Too many requests a minute; Retry-After and retry_after say in how many seconds there are more'),
};
