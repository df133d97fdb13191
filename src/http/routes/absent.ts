import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { HttpError } from '../errors.ts';
import { cacheClearReply, cacheReply, jupyterReply } from '../schemas/machine.ts';

/** What HopX's clients ask for and this server does not have: it says so, and never pretends. A 501 would be tried again. */
export function absentRoutes(): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/cache/stats', { schema: schemas.stats, config }, async () => ({
      cache: { size: 0, max_size: 0, total_hits: 0, ttl: '0s' },
      timestamp: new Date().toISOString(),
    }));
    app.post('/cache/clear', { schema: schemas.clear, config }, async () => ({
      message: 'Nothing is cached here: every execution runs',
      entries_removed: 0,
      timestamp: new Date().toISOString(),
    }));
    app.get('/jupyter/sessions', { schema: schemas.jupyter, config }, async () => ({ sessions: [], count: 0, timestamp: new Date().toISOString() }));
    app.all('/desktop/*', { schema: { hide: true }, config }, async () => Promise.reject(noDesktop()));
    app.all('/update/*', { schema: { hide: true }, config }, async () => Promise.reject(noUpdates()));
  };
}

function noDesktop(): HttpError {
  return new HttpError({
    status: 400,
    code: 'DESKTOP_NOT_AVAILABLE',
    error: 'No desktop',
    message: 'Sandboxes of this server have no desktop. Run programs that need no screen.',
  });
}

function noUpdates(): HttpError {
  return new HttpError({
    status: 400,
    code: 'INVALID_REQUEST',
    error: 'No updates',
    message: 'This server is not updated by the API. Its operator installs another version.',
  });
}

const config = { scope: 'any' } as const;
const tags = ['server'];

const schemas = {
  stats: { summary: 'Nothing is cached', tags, response: { 200: cacheReply } },
  clear: { summary: 'Nothing is cached, so nothing is removed', tags, response: { 200: cacheClearReply } },
  jupyter: { summary: 'There are no Jupyter sessions', tags, response: { 200: jupyterReply } },
};
