import { z } from 'zod';
import { STATUSES } from '../../process/status.ts';
import { artifactsOfRecord } from './artifacts.ts';
import { deliverySchema } from './async.ts';
import { limitsInForce } from './execute.ts';

export const processIdParams = z.object({ process_id: z.string().min(1).max(128) });

const time = z.iso.datetime().nullable();

/** A process without its output. */
export const recordSchema = z.object({
  process_id: z.string(),
  execution_id: z.string(),
  request_id: z.string().nullable().describe('Of the call that submitted it'),
  name: z.string().nullable(),
  status: z.enum(STATUSES),
  language: z.string(),
  runtime: z.string().nullable().describe("What runs its container; null is the engine's default"),
  working_dir: z.string(),
  timeout: z.int().describe('Seconds'),
  pid: z.null().describe('Processes of other containers have no number here'),
  created_at: z.iso.datetime().describe('When it was accepted'),
  started_at: time.describe('When its container started'),
  start_time: time.describe('The same as started_at'),
  completed_at: time.describe('When it ended, however it ended'),
  end_time: time.describe('The same as completed_at'),
  execution_time: z.number().nullable().describe('Seconds from start to end, or until now'),
  duration: z.number().nullable().describe('The same as execution_time'),
  exit_code: z.int().nullable().describe('null until it has ended, and when it is not known'),
  timed_out: z.boolean(),
  limits: limitsInForce.describe('In force'),
  usage: z
    .object({ peak_memory_bytes: z.int(), cpu_ms: z.int() })
    .nullable()
    .describe('As far as the engine told while it ran, so at least this much; null when it ended before the first look'),
  timings: z
    .object({ queued_ms: z.int().nullable(), start_ms: z.int().nullable(), run_ms: z.int().nullable() })
    .describe('Waiting for a place, starting the container, running'),
  failure: z
    .object({ kind: z.enum(['start', 'lost', 'exit', 'signal', 'timeout', 'oom', 'output_limit', 'disk_limit', 'abandoned']), message: z.string() })
    .nullable()
    .describe('Why its status is failed'),
  artifacts: artifactsOfRecord,
  output_complete: z.boolean().describe('false when the engine or the disk lost part of the output'),
});

const outputFields = {
  stdout: z.string().describe('The end of its standard output: in a list at most 64 KiB, else at most 1 MiB; GET …/output has all of it'),
  stderr: z.string().describe('The end of its standard error, likewise'),
  stdout_bytes: z.int().describe('Bytes it has written, dropped ones included'),
  stderr_bytes: z.int(),
  stdout_truncated: z.boolean().describe('Bytes between its beginning and its end were dropped, to keep within the output limit'),
  stderr_truncated: z.boolean(),
};

export const processSchema = recordSchema.extend(outputFields).meta({ id: 'Process' });

/** With `output=none` the fields of the output are left out. */
const listedSchema = recordSchema.extend(z.object(outputFields).partial().shape).meta({ id: 'ListedProcess' });

export type WireRecord = z.output<typeof recordSchema>;
export type WireProcess = z.output<typeof processSchema>;
export type WireListed = z.output<typeof listedSchema>;

export const processDetailSchema = processSchema.extend({ webhook: deliverySchema }).meta({ id: 'ProcessDetail' });

export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Processes at most; a page ends early when its output comes to 32 MiB'),
  cursor: z.string().optional().describe('next_cursor of the page before; everything else has to be as it was there'),
  status: z
    .union([z.string(), z.array(z.string())])
    .transform((value) => [value].flat().flatMap((text) => text.split(',')))
    .pipe(z.array(z.enum(STATUSES)).min(1))
    .optional()
    .describe('Only these statuses, with commas between or the parameter repeated'),
  name: z.string().max(128).optional().describe('Only of exactly this name'),
  language: z.string().max(64).optional().describe('Only of this language, a name or an alias'),
  since: z.iso.datetime({ offset: true }).optional().describe('Only those that were accepted then or later'),
  order: z.enum(['desc', 'asc']).default('desc').describe('desc: newest first; asc: oldest first'),
  output: z
    .enum(['none', 'tail', 'full'])
    .default('tail')
    .describe('Of each stream nothing, its last 64 KiB, or its last 16 MiB; where stdout_truncated is true, only what comes after the dropped stretch'),
});

export type ListQuery = z.output<typeof listQuery>;

export const listReply = z
  .object({
    processes: z.array(listedSchema),
    count: z.int().describe('Processes in this answer'),
    next_cursor: z.string().nullable().describe('Present to GET the next page; null on the last'),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'ProcessList' });

export const waitQuery = z.object({
  timeout: z.coerce.number().min(0).max(3_600).default(60).describe('Seconds to wait for the end at most'),
});

export const removeReply = z.object({ process_id: z.string(), message: z.string(), timestamp: z.iso.datetime() }).meta({ id: 'RemoveReply' });
