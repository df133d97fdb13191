import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { LanguageRegistry } from '../../languages/registry.ts';
import type { OutputStore } from '../../output/output-store.ts';
import type { PageRequest, ProcessStore } from '../../process/process-store.ts';
import { fillPage } from '../list-page.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { type ListQuery, listQuery, listReply } from '../schemas/processes.ts';
import { createView } from '../view.ts';

export interface ListRoutesDependencies {
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
  readonly languages: LanguageRegistry;
}

export function listRoutes({ store, outputs, languages }: ListRoutesDependencies): FastifyPluginAsyncZod {
  const view = createView(outputs);
  const nameOf = (asked: string) => languages.all.find(({ name, aliases }) => [name, ...aliases].includes(asked.toLowerCase()))?.name ?? asked;

  function toRequest({ limit, cursor, status, name, language, since, order }: ListQuery): PageRequest {
    return {
      limit,
      cursor,
      first: order === 'asc' ? 'oldest' : 'newest',
      statuses: status,
      name,
      language: language === undefined ? undefined : nameOf(language),
      since: since === undefined ? undefined : Date.parse(since),
    };
  }

  return async (app) => {
    app.get('/execute/processes', { schema, config: { scope: 'processes:read' } }, async ({ scope, query }) => {
      const { processes, nextCursor } = await fillPage(await store.list(scope, toRequest(query)), query.output, view);
      return { processes: [...processes], count: processes.length, next_cursor: nextCursor, timestamp: new Date().toISOString() };
    });
  };
}

const schema = {
  summary: 'List processes with the end of their output',
  description: 'A walk by next_cursor shows every process that was there when it began, and still is, exactly once, whatever is added meanwhile.',
  tags: ['processes'],
  querystring: listQuery,
  response: { 200: listReply, 400: errorSchema.describe('Invalid request'), ...authErrors },
};
