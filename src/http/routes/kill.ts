import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Kill } from '../../execution/kill.ts';
import type { Scope } from '../../process/record.ts';
import { HttpError, noSuchProcess } from '../errors.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { killBody, killQuery, killReply, processIdParams } from '../schemas/processes.ts';

/** Four calls mean the same, because four are sent: by curl, by the MCP server, and by the SDKs' synchronous and asynchronous clients. */
export function killRoutes({ kill }: { kill: Kill }): FastifyPluginAsyncZod {
  async function run(scope: Scope, id: string) {
    const result = await kill(scope, id);
    if (result.kind === 'not_found') throw noSuchProcess(id);
    if (result.kind === 'ended') throw alreadyEnded(id, result.record.status);
    const status = result.record.status === 'killed' ? 'killed' : 'running';
    const message =
      result.kind === 'killed' ? 'Process terminated successfully' : 'The kill is recorded; it is carried out as soon as the container engine answers';
    return { process_id: id, status, message, timestamp: new Date().toISOString() } as const;
  }

  return async (app) => {
    app.delete('/execute/kill', { schema: { ...schema, querystring: killQuery, body: killBody }, config }, async ({ scope, query, body }) => {
      const id = body?.process_id ?? query.process_id;
      if (!id) throw missingId();
      return run(scope, id);
    });
    for (const path of ['/execute/kill/:process_id', '/processes/:process_id/kill']) {
      app.post(path, { schema: { ...schema, params: processIdParams }, config }, async ({ scope, params }) => run(scope, params.process_id));
    }
  };
}

const config = { scope: 'processes:write' } as const;

const schema = {
  summary: 'Kill a process',
  description: 'Ends the process and everything it started: SIGTERM, and SIGKILL after 2 s. Answers when it has ended.',
  tags: ['processes'],
  response: {
    200: killReply,
    400: errorSchema.describe('No process_id'),
    ...authErrors,
    404: errorSchema.describe('No such process in this sandbox, or it has already ended'),
  },
};

function missingId(): HttpError {
  return new HttpError({
    status: 400,
    code: 'MISSING_PARAMETER',
    error: 'Missing process_id',
    message: 'Say which process: {"process_id": "proc_…"} in the body, or ?process_id=proc_….',
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
