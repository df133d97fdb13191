import { z } from 'zod';
import { optional } from './common.ts';
import { refuseOddEntries } from './odd-entries.ts';

const MIB = 1024 * 1024;
const MAX_INPUT_BYTES = 4 * MIB;
const MAX_FILES_BYTES = 4 * MIB;
const MAX_ARGS = 256;
const MAX_ARGS_BYTES = 128 * 1024;

interface Encoded {
  readonly data: string;
  readonly encoding: 'utf8' | 'base64';
}

const contentFields = {
  data: z.string(),
  encoding: optional(z.enum(['utf8', 'base64']), 'utf8' as const),
};

const isEncoded = ({ data, encoding }: Encoded) => (encoding === 'base64' ? z.base64().safeParse(data).success : data.isWellFormed());
const NOT_ENCODED = 'data must be base64, or text without half of a surrogate pair';

export function decode({ data, encoding }: Encoded): Buffer {
  return Buffer.from(data, encoding);
}

const text = z
  .string()
  .refine((data) => data.isWellFormed(), 'must not contain half of a surrogate pair')
  .transform((data) => ({ data, encoding: 'utf8' as const }));

/** Bytes as text, or with their encoding. */
const content = z.union([text, z.object(contentFields).refine(isEncoded, NOT_ENCODED)]);

export const stdin = z
  .union([
    text.transform((value) => ({ ...value, close: true })),
    z.object({ ...contentFields, close: optional(z.boolean().describe('Whether end of file follows'), true) }).refine(isEncoded, NOT_ENCODED),
  ])
  .refine((value) => decode(value).length <= MAX_INPUT_BYTES, 'must be at most 4 MiB')
  .describe('Standard input, at most 4 MiB; with close: false it stays open for POST …/stdin. Without it end of file comes at once');

export const stdinBody = z
  .object({ ...contentFields, data: optional(z.string(), ''), close: optional(z.boolean().describe('End of file after the data'), false) })
  .refine(isEncoded, NOT_ENCODED)
  .refine((value) => decode(value).length <= MAX_INPUT_BYTES, 'must be at most 4 MiB')
  .meta({ id: 'StdinRequest' });

export const files = z
  .preprocess(
    refuseOddEntries(256) as (value: Record<string, z.input<typeof content>>, context: z.RefinementCtx) => unknown,
    z
      .record(z.string(), content)
      .refine(
        (entries) => Object.values(entries).reduce((bytes, value) => bytes + decode(value).length, 0) <= MAX_FILES_BYTES,
        'must be at most 4 MiB together',
      ),
  )
  .describe(
    'Files to place before the start, path: text or {data, encoding}; under /workspace or /tmp, or relative to the working directory; 256, 4 MiB together',
  );

export const args = z
  .array(z.string().refine((value) => !value.includes('\0') && value.isWellFormed(), 'must not contain NUL or half of a surrogate pair'))
  .max(MAX_ARGS)
  .refine((values) => values.reduce((bytes, value) => bytes + Buffer.byteLength(value) + 1, 0) < MAX_ARGS_BYTES, 'must be less than 128 KiB together')
  .describe("The program's arguments: up to 256, 128 KiB together");

export const limits = z.object({
  memory_mb: optional(z.number().min(16).describe('Memory and swap, MiB'), null),
  cpus: optional(z.number().min(0.01), null),
  pids: optional(z.int().min(8).describe('Processes and threads at once'), null),
  disk_mb: optional(z.number().min(1).describe('Size of /tmp/coracle, where its code lies and what is its own, MiB of its memory'), null),
  output_bytes: optional(z.int().min(4_096).describe('Output kept, both streams together'), null),
});
