import { z } from 'zod';
import { optional } from './common.ts';

const SIGNALS = ['INT', 'TERM', 'KILL', 'HUP', 'USR1', 'USR2'] as const;
const FREEZING = ['STOP', 'CONT'] as const;
/** The longest grace, in seconds. */
const MOST_GRACE_S = 300;

/** With or without SIG before it. */
function signalName<const Names extends readonly string[]>(names: Names) {
  return z
    .string()
    .transform((text) => text.toUpperCase().replace(/^SIG/, ''))
    .pipe(z.enum(names).transform((name) => `SIG${name}` as `SIG${Names[number]}`))
    .describe(`One of ${names.join(', ')}, with or without SIG before it`);
}

export const signalBody = z.object({ signal: signalName([...SIGNALS, ...FREEZING]) }).meta({ id: 'SignalRequest' });

export const signalReply = z
  .object({ process_id: z.string(), signal: z.string(), message: z.string(), timestamp: z.iso.datetime() })
  .meta({ id: 'SignalReply' });

export const stdinReply = z
  .object({
    process_id: z.string(),
    bytes: z.int().describe('Bytes that were sent'),
    closed: z.boolean().describe('End of file was sent'),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'StdinReply' });

const seconds = z.number().min(0).max(MOST_GRACE_S);
const howFields = {
  signal: optional(signalName(SIGNALS), null).describe('What the process is asked to end with; TERM when absent'),
  grace_seconds: optional(seconds.describe('After this everything in its container is ended with KILL'), null),
};

export const killHowBody = z.object(howFields).nullish();

export const killBody = z
  .object({
    process_id: z.string().nullish(),
    name: z.string().max(128).nullish().describe('All of this name that have not ended'),
    all: z.boolean().nullish().describe('All of the sandbox that have not ended'),
    ...howFields,
  })
  .nullish();

export type KillBody = z.output<typeof killBody>;

export const killQuery = z.object({
  process_id: z.string().optional(),
  name: z.string().max(128).optional(),
  all: z.stringbool().optional(),
  signal: signalName(SIGNALS).optional(),
  grace_seconds: z.coerce.number().min(0).max(MOST_GRACE_S).optional(),
});

const status = z.enum(['killed', 'running']).describe('running: the container engine is away, and ends it when it is back');

export const killReply = z.object({ process_id: z.string(), status, message: z.string(), timestamp: z.iso.datetime() }).meta({ id: 'KillReply' });

export const killManyReply = z
  .object({
    stopped: z.array(z.object({ process_id: z.string(), name: z.string().nullable(), status })),
    count: z.int(),
    message: z.string(),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'KillManyReply' });
