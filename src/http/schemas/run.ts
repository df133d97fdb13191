import { z } from 'zod';
import { STATUSES } from '../../process/status.ts';
import { optional } from './common.ts';
import { backgroundBody, env as environment, workingDir } from './execute.ts';

/** Seconds; a client has to hold its connection for so long. */
const MOST_SECONDS = 3_600;

const seconds = (fallback: number) =>
  optional(
    z.int().min(1).max(MOST_SECONDS).describe('Most execution time, in seconds from the start; a process that waits for a place waits besides'),
    fallback,
  );

export const executeBody = backgroundBody.extend({ timeout: seconds(60) }).meta({ id: 'ExecuteRequest' });

/** What a program leaves to be shown. It comes from the program itself, so nothing else of it is passed on. */
export const richResults = z.object({
  result: z.string().optional().describe('The value of the last expression, as Python writes it'),
  png: z.base64().optional().describe('The newest figure, base64'),
  html: z.string().optional(),
  svg: z.string().optional(),
  markdown: z.string().optional(),
  json: z
    .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .describe('A data frame as records'),
  dataframe: z
    .object({ columns: z.array(z.unknown()), index: z.array(z.unknown()), data: z.array(z.array(z.unknown())), shape: z.array(z.number()) })
    .optional()
    .describe('A data frame, its first 1,000 rows'),
});

export type RichResults = z.output<typeof richResults>;

const endedReply = z.object({
  success: z.boolean().describe('It ran and ended with exit code 0'),
  stdout: z.string().describe('The end of its standard output, at most 4 MiB; GET /execute/processes/{process_id}/output has all of it'),
  stderr: z.string(),
  exit_code: z.int().describe('-1 when it is not known, or has none'),
  execution_time: z.number().describe('Seconds'),
  timestamp: z.iso.datetime(),
  process_id: z.string(),
  execution_id: z.string(),
  status: z.enum(STATUSES),
  timed_out: z.boolean(),
  error: z.string().nullable().describe('Why it has not completed'),
});

export const executeReply = endedReply.extend({ language: z.string(), ...richResults.shape }).meta({ id: 'ExecuteReply' });

const MAX_ARGUMENT_BYTES = 128 * 1024 - 1;
const argument = z
  .string()
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must not contain NUL or half of a surrogate pair')
  .refine((text) => Buffer.byteLength(text) <= MAX_ARGUMENT_BYTES, 'must be shorter than 128 KiB');

const commandFields = {
  command: argument.min(1, 'must not be empty').describe('A shell command; with args, a program'),
  args: optional(z.array(argument).max(1_024), null),
  working_dir: optional(workingDir, null),
  workdir: optional(workingDir, null).describe('Another name of working_dir, as the SDKs send it'),
  env: optional(environment, null),
};

export const commandBody = z.object({ ...commandFields, timeout: seconds(30) }).meta({ id: 'CommandRequest' });

export const backgroundCommandBody = z
  .object({
    ...commandFields,
    timeout: optional(z.int().min(1).max(86_400).describe('Most execution time, in seconds from the start'), 300),
    name: backgroundBody.shape.name,
  })
  .meta({ id: 'BackgroundCommandRequest' });

export type CommandBody = Omit<z.output<typeof backgroundCommandBody>, 'name'>;

export const commandReply = endedReply
  .extend({ command: z.string(), pid: z.null().describe('Processes of other containers have no number here') })
  .meta({ id: 'CommandReply' });
