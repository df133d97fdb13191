import { z } from 'zod';
import { OUTPUT_STREAMS } from '../../output/output-store.ts';
import { recordSchema } from './processes.ts';

const lastEventId = z.string().max(64).optional().describe('The id of the last event that was received; goes before offset');

export const eventHeaders = z.object({ 'last-event-id': lastEventId });

export const processEventsQuery = z.object({
  offset: z.coerce.number().int().default(0).describe('First byte of the output of both streams that is wanted; negative counts from the end'),
});

export const sandboxEventsQuery = z.object({
  offset: z.coerce.number().int().default(0).describe('The id of the event after which to begin; negative: so many of the newest first'),
});

export const statusEvent = recordSchema.meta({ id: 'StatusEvent' }).describe('event: status – the process as it was right after it had got this status');

export const outputEvent = z
  .object({
    stream: z.enum(OUTPUT_STREAMS),
    data: z.string(),
    encoding: z.literal('base64').optional().describe('Where the bytes are no UTF-8 by themselves, such as half a character'),
    offset: z.int().describe('Place of the first byte among the bytes of both streams, as with stream=all of …/output'),
    time: z.iso.datetime().describe('When it was printed'),
  })
  .meta({ id: 'OutputEvent' })
  .describe('event: output');

export const droppedEvent = z
  .object({ offset: z.int(), next_offset: z.int() })
  .meta({ id: 'DroppedEvent' })
  .describe('event: dropped – the bytes from offset up to next_offset were dropped to keep within the output limit');

export type WireOutputEvent = z.output<typeof outputEvent>;
export type WireDroppedEvent = z.output<typeof droppedEvent>;
export type WireStatusEvent = z.output<typeof statusEvent>;
