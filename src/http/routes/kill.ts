import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Kill, KillOptions } from '../../execution/kill.ts';
import type { KillMany, Selection } from '../../execution/kill-many.ts';
import { type StopHow, USUAL_STOP } from '../../execution/stop-container.ts';
import type { ProcessRecord, Scope } from '../../process/record.ts';
import { HttpError, noSuchProcess } from '../errors.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { type KillBody, killBody, killHowBody, killManyReply, killQuery, killReply } from '../schemas/control.ts';
import { processIdParams } from '../schemas/processes.ts';

export interface KillRoutesDependencies {
  readonly kill: Kill;
  readonly killMany: KillMany;
}

/** Four calls mean the same, because four are sent: by curl, by the MCP server, and by the SDKs' synchronous and asynchronous clients. */
export function killRoutes({ kill, killMany }: KillRoutesDependencies): FastifyPluginAsyncZod {
  async function killOne(scope: Scope, id: string, options: KillOptions) {
    const result = await kill(scope, id, options);
    if (result.kind === 'not_found') throw noSuchProcess(id);
    if (result.kind === 'ended') throw alreadyEnded(id, result.record.status);
    const message =
      result.kind === 'killed' ? 'Process terminated successfully' : 'The kill is recorded; it is carried out as soon as the container engine answers';
    return { process_id: id, status: statusOf(result.record), message, timestamp: new Date().toISOString() };
  }

  async function killSelected(scope: Scope, selection: Selection, options: KillOptions) {
    const records = await killMany(scope, selection, options);
    const stopped = records.map((record) => ({ process_id: record.id, name: record.name, status: statusOf(record) }));
    return { stopped, count: stopped.length, message: `${stopped.length} stopped`, timestamp: new Date().toISOString() };
  }

  return async (app) => {
    app.delete('/execute/kill', { schema: { ...schema, querystring: killQuery, body: killBody }, config }, async ({ scope, query, body }) => {
      const { process_id: id, name, all, ...how } = { ...query, ...said(body) };
      if ([id, name, all].filter(Boolean).length !== 1) throw unclearTarget();
      return id ? killOne(scope, id, optionsOf(how)) : killSelected(scope, name ? { name } : {}, optionsOf(how));
    });
    for (const path of ['/execute/kill/:process_id', '/processes/:process_id/kill']) {
      const own = { ...schema, params: processIdParams, body: killHowBody };
      app.post(path, { schema: own, config }, async ({ scope, params, body }) => killOne(scope, params.process_id, optionsOf(body ?? {})));
    }
  };
}

const config = { scope: 'processes:write' } as const;

const schema = {
  summary: 'Kill a process, or all of a name or of the sandbox',
  description: 'Ends a process and everything it started: signal (TERM), and KILL after grace_seconds (2). Answers when it has ended.',
  tags: ['processes'],
  response: {
    200: killReply.or(killManyReply),
    400: errorSchema.describe('No process_id, or more than one of process_id, name and all'),
    ...authErrors,
    404: errorSchema.describe('No such process in this sandbox, or it has already ended'),
  },
};

function optionsOf({ signal, grace_seconds }: { signal?: StopHow['signal'] | null | undefined; grace_seconds?: number | null | undefined }): KillOptions {
  return { how: { signal: signal ?? USUAL_STOP.signal, graceMs: typeof grace_seconds === 'number' ? grace_seconds * 1000 : USUAL_STOP.graceMs } };
}

/** A body comes before the query, but only with what it says. */
function said(body: KillBody): Partial<KillBody> {
  return Object.fromEntries(Object.entries(body ?? {}).filter(([, value]) => value !== null && value !== undefined));
}

function statusOf({ status }: ProcessRecord) {
  return status === 'killed' ? ('killed' as const) : ('running' as const);
}

function unclearTarget(): HttpError {
  return new HttpError({
    status: 400,
    code: 'MISSING_PARAMETER',
    error: 'Missing process_id',
    message: 'Say which process: {"process_id": "proc_…"} in the body, or ?process_id=proc_…; or {"name": "…"}, or {"all": true}.',
  });
}

function alreadyEnded(id: string, status: string): HttpError {
  return new HttpError({
    status: 404,
    code: 'RESOURCE_NOT_FOUND',
    error: 'Process not running',
    message: `Process ${id} has already ended: it is ${status}.`,
    details: { status },
  });
}
