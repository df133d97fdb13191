import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { CoracleError } from '../../errors.ts';
import type { Remove } from '../../execution/remove.ts';
import type { WaitUntilEnded } from '../../execution/wait.ts';
import type { OutputStore } from '../../output/output-store.ts';
import type { ProcessStore } from '../../process/process-store.ts';
import type { ProcessRecord, Scope } from '../../process/record.ts';
import type { WebhookStore } from '../../webhooks/webhook-store.ts';
import { noSuchProcess } from '../errors.ts';
import { presentDelivery } from '../present-delivery.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { processDetailSchema, processIdParams, removeReply, waitQuery } from '../schemas/processes.ts';
import { createView, RECORD_TAIL_BYTES } from '../view.ts';

export interface ProcessRoutesDependencies {
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
  readonly remove: Remove;
  readonly waitUntilEnded: WaitUntilEnded;
  readonly webhooks: WebhookStore;
}

export function processRoutes({ store, outputs, remove, waitUntilEnded, webhooks }: ProcessRoutesDependencies): FastifyPluginAsyncZod {
  const view = createView(outputs);

  async function detail(record: ProcessRecord) {
    return { ...(await view(record, RECORD_TAIL_BYTES)), webhook: presentDelivery(await webhooks.find(record.scope, record.id)) };
  }

  async function find(scope: Scope, id: string): Promise<ProcessRecord> {
    const record = await store.find(scope, id);
    if (!record) throw noSuchProcess(id);
    return record;
  }

  return async (app) => {
    app.get('/execute/processes/:process_id', { schema: getSchema, config: reads }, async ({ scope, params }) => detail(await find(scope, params.process_id)));

    app.get('/execute/processes/:process_id/wait', { schema: waitSchema, config: reads }, async ({ scope, params: { process_id }, query }, reply) => {
      const record = await waitUntilEnded(scope, process_id, { ms: query.timeout * 1000, signal: reply.gone });
      if (!record) throw noSuchProcess(process_id);
      return detail(record);
    });

    app.delete('/execute/processes/:process_id', { schema: removeSchema, config: writes }, async ({ scope, params: { process_id } }) => {
      const result = await remove(scope, process_id);
      if (result === 'not_found') throw noSuchProcess(process_id);
      if (result === 'not_ended') throw new CoracleError('CONFLICT', `Process ${process_id} has not ended. Kill it first.`);
      return { process_id, message: 'Process removed', timestamp: new Date().toISOString() };
    });
  };
}

const reads = { scope: 'processes:read' } as const;
const writes = { scope: 'processes:write' } as const;

const notFound = { 404: errorSchema.describe('No such process in this sandbox') };
const invalid = { 400: errorSchema.describe('Invalid request') };

const getSchema = { summary: 'One process', tags: ['processes'], params: processIdParams, response: { 200: processDetailSchema, ...authErrors, ...notFound } };

const waitSchema = {
  summary: 'One process, as soon as it has ended, or as it is after the time-out',
  tags: ['processes'],
  params: processIdParams,
  querystring: waitQuery,
  response: { 200: processDetailSchema, ...invalid, ...authErrors, ...notFound },
};

const removeSchema = {
  summary: 'Remove the record and the output of a process that has ended',
  tags: ['processes'],
  params: processIdParams,
  response: { 200: removeReply, ...authErrors, ...notFound, 409: errorSchema.describe('It has not ended') },
};
