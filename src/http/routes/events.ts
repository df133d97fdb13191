import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { WatchProcess } from '../../execution/watch-process.ts';
import type { WatchSandbox } from '../../execution/watch-sandbox.ts';
import { statusesOf } from '../../process/history.ts';
import type { ProcessStore } from '../../process/process-store.ts';
import type { ProcessRecord } from '../../process/record.ts';
import { isTerminal } from '../../process/status.ts';
import { HttpError, noSuchProcess } from '../errors.ts';
import { parseEventId, presentChange, presentEvent } from '../present-events.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { droppedEvent, eventHeaders, outputEvent, processEventsQuery, sandboxEventsQuery, statusEvent } from '../schemas/events.ts';
import { processIdParams } from '../schemas/processes.ts';
import { createEventStreams } from '../sse.ts';

export interface EventRoutesDependencies {
  readonly store: ProcessStore;
  readonly watchProcess: WatchProcess;
  readonly watchSandbox: WatchSandbox;
}

const HEARTBEAT_MS = 15_000;
const STALLED_MS = 30_000;

export function eventRoutes({ store, watchProcess, watchSandbox }: EventRoutesDependencies): FastifyPluginAsyncZod {
  const streams = createEventStreams({ stalledMs: STALLED_MS });
  return async (app) => {
    app.get(
      '/execute/processes/:process_id/events',
      { schema: processSchema, config },
      async ({ scope, params: { process_id: id }, query, headers }, reply) => {
        const record = await store.find(scope, id);
        if (!record) throw noSuchProcess(id);
        const lastId = headers['last-event-id'];
        const from = lastId ? parseEventId(lastId) : { statuses: 0, offset: query.offset };
        if (!from) throw unknownEventId();
        if (isOver(record, from.statuses)) return sendNothing(reply);
        const batches = watchProcess({ scope, id, from, idleMs: HEARTBEAT_MS, signal: reply.gone });
        return streams.send(
          reply,
          mapped(batches, (batch) => batch.flatMap(presentEvent)),
        );
      },
    );

    app.get('/execute/events', { schema: sandboxSchema, config }, async ({ scope, query, headers }, reply) => {
      const after = Number(headers['last-event-id'] || query.offset);
      if (!Number.isSafeInteger(after)) throw unknownEventId();
      const batches = watchSandbox({ scope, after, idleMs: HEARTBEAT_MS, signal: reply.gone });
      return streams.send(
        reply,
        mapped(batches, (batch) => batch.map(presentChange)),
      );
    });
  };
}

function isOver(record: ProcessRecord, toldStatuses: number): boolean {
  return isTerminal(record.status) && toldStatuses >= statusesOf(record).length;
}

/** The answer that keeps an EventSource from coming back again and again after the last event. */
function sendNothing(reply: FastifyReply): never {
  return reply.code(204).send() as never;
}

async function* mapped<A, B>(source: AsyncIterable<A>, change: (value: A) => B): AsyncGenerator<B> {
  for await (const value of source) yield change(value);
}

function unknownEventId(): HttpError {
  return new HttpError({
    status: 400,
    code: 'INVALID_REQUEST',
    error: 'Invalid Last-Event-ID',
    message: 'Last-Event-ID is not one of ours. Send the id of the last event that was received here, or none.',
  });
}

const config = { scope: 'processes:read' } as const;

const stream = (events: z.ZodType, description: string) => ({ description, content: { 'text/event-stream': { schema: events } } });

const processSchema = {
  summary: 'Follow a process: its status and its output, from the beginning or from where one was, and on as it comes',
  description:
    'Server-sent events. status: queued and running as they come, and after the whole output the last event, the status in which it ended; then the stream ends. ' +
    'output: the output of both streams in its order. dropped: a stretch that is not kept. ' +
    'With Last-Event-ID a client goes on exactly where it was, also after a restart of the server; 204 when it has had the last event. A comment comes every 15 s.',
  tags: ['events'],
  params: processIdParams,
  querystring: processEventsQuery,
  headers: eventHeaders,
  response: {
    200: stream(z.union([statusEvent, outputEvent, droppedEvent]), 'Events, each with an id; data is JSON'),
    204: z.null().describe('The last event has been received'),
    400: errorSchema.describe('Invalid request'),
    ...authErrors,
    404: errorSchema.describe('No such process in this sandbox'),
  },
};

const sandboxSchema = {
  summary: 'Follow the status of all processes of the sandbox',
  description:
    'Server-sent events, each a status of a process, in the order in which they came about; the stream does not end. Records that were removed are left out.',
  tags: ['events'],
  querystring: sandboxEventsQuery,
  headers: eventHeaders,
  response: { 200: stream(statusEvent, 'Events, each with an id; data is JSON'), 400: errorSchema.describe('Invalid request'), ...authErrors },
};
