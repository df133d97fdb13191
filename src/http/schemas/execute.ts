import { z } from 'zod';
import { environmentBytes, MAX_ENVIRONMENT_BYTES, MAX_VARIABLES } from '../../sandbox/environment.ts';
import { artifactPatterns } from './artifacts.ts';
import { optional } from './common.ts';
import { refuseOddEntries } from './odd-entries.ts';
import { args, files, limits, stdin } from './source.ts';

const MIB = 1024 * 1024;
export const MAX_CODE_BYTES = MIB;
/** The kernel's PATH_MAX, its ending NUL included. */
const MAX_PATH_BYTES = 4096;

const code = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => Buffer.byteLength(text) <= MAX_CODE_BYTES, 'must be at most 1 MiB of UTF-8')
  .refine((text) => !text.includes('\0'), 'must not contain NUL')
  .refine((text) => text.isWellFormed(), 'must not contain half of a surrogate pair')
  .describe('Code to execute, 1 byte to 1 MiB of UTF-8 without NUL');

export const workingDir = z
  .string()
  .refine((path) => Buffer.byteLength(path) < MAX_PATH_BYTES, 'must be shorter than 4096 bytes')
  .refine((path) => path.startsWith('/'), 'must be an absolute path')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ".."')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  .refine((path) => !/[\0-\x1f\x7f]/.test(path) && path.isWellFormed(), 'must not contain control characters')
  .describe('Working directory, absolute and without ".."; made when missing under /workspace or /tmp');

const variableName = z
  .string()
  .regex(/^[^=\0]+$/, 'a name must not be empty or contain "=" or NUL')
  .refine((name) => name.isWellFormed(), 'a name must not contain half of a surrogate pair');
const variableValue = z.string().refine((value) => !value.includes('\0') && value.isWellFormed(), 'a value must not contain NUL or half of a surrogate pair');

export const env = z
  .preprocess(
    refuseOddEntries(MAX_VARIABLES) as (value: Record<string, string>, context: z.RefinementCtx) => unknown,
    z
      .record(variableName, variableValue)
      .refine((entries) => environmentBytes(entries) <= MAX_ENVIRONMENT_BYTES, 'must be at most 128 KiB, names and values together'),
  )
  .describe('Environment variables: up to 256, 128 KiB together');

const name = z
  .string()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be printable characters only')
  .refine((text) => [...text].length <= 128, 'must have at most 128 characters')
  .describe('Process name for identification, up to 128 printable characters');

/** Of the header Idempotency-Key. */
export const backgroundHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .describe('Makes a repeated request count once: for 24 h the same key answers with the first process. The same key with another request is 409'),
});

export const backgroundBody = z
  .object({
    code,
    language: optional(z.string().describe('A name or alias of GET /languages'), 'python'),
    timeout: optional(z.int().min(1).max(86_400).describe('Most execution time, in seconds from the start'), 300),
    working_dir: optional(workingDir, null),
    workdir: optional(workingDir, null).describe('Another name of working_dir, as the SDKs send it'),
    env: optional(env, null),
    name: optional(name, null),
    args: optional(args, null),
    files: optional(files, null),
    stdin: optional(stdin, null),
    artifacts: optional(artifactPatterns, null),
    limits: optional(limits.describe('What is asked for beyond what the tenant may have is cut to that; the answer shows what is in force'), null),
    runtime: optional(z.string().max(64).describe('What runs the container, where the server offers a choice: runc, runsc (gVisor), …'), null),
    output_limit: optional(
      z.enum(['truncate', 'kill']).describe('What happens over limits.output_bytes: the middle is dropped and counted, or the process ends'),
      null,
    ),
  })
  .meta({ id: 'BackgroundRequest' });

export type BackgroundBody = z.output<typeof backgroundBody>;

export const limitsInForce = z
  .object({ memory_mb: z.number(), cpus: z.number(), pids: z.int(), disk_mb: z.number(), output_bytes: z.int() })
  .meta({ id: 'Limits' });

export const backgroundReply = z
  .object({
    process_id: z.string(),
    execution_id: z.string(),
    status: z.enum(['queued', 'running']),
    name: z.string().nullable(),
    limits: limitsInForce.nullable().describe('In force; null in the answer to a repeat whose record is gone'),
    start_time: z.iso.datetime().describe('When the process was accepted'),
    message: z.string(),
    processId: z.string().describe('The same as process_id'),
    executionId: z.string().describe('The same as execution_id'),
  })
  .meta({ id: 'BackgroundReply' });
