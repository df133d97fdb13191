import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { OutputStore } from '../../output/output-store.ts';
import type { ProcessStore } from '../../process/process-store.ts';
import { HttpError, noSuchProcess } from '../errors.ts';
import { artifactQuery } from '../schemas/artifacts.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { processIdParams } from '../schemas/processes.ts';

export interface ArtifactRoutesDependencies {
  readonly store: ProcessStore;
  readonly outputs: OutputStore;
}

export function artifactRoutes({ store, outputs }: ArtifactRoutesDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/execute/processes/:process_id/artifacts',
      { schema, config: { scope: 'processes:read' } },
      async ({ scope, params: { process_id: id }, query }, reply) => {
        const record = await store.find(scope, id);
        if (!record) throw noSuchProcess(id);
        const files = record.artifacts?.files ?? [];
        const index = files.findIndex(({ path }) => path === posix.resolve(record.workingDir, query.path));
        const data = files[index]?.isKept ? await outputs.artifact(id, index) : undefined;
        if (!data) throw noSuchArtifact(query.path);
        return send(reply, files[index]?.size ?? 0, Readable.from(data, { objectMode: false }));
      },
    );
  };
}

/** Apart, because the schema of the route speaks of no JSON answer. */
function send(reply: FastifyReply, size: number, data: Readable): never {
  return reply.type('application/octet-stream').header('Content-Length', size).send(data) as never;
}

function noSuchArtifact(path: string): HttpError {
  return new HttpError({
    status: 404,
    code: 'FILE_NOT_FOUND',
    error: 'Artifact not found',
    message: `The process has no artifact ${JSON.stringify(path.slice(0, 128))} that is kept. Its record lists those that it has.`,
  });
}

const schema = {
  summary: "One of a process's artifacts",
  description: 'A file that fitted one of the globs in artifacts of the request, as it was when the process had ended.',
  tags: ['processes'],
  params: processIdParams,
  querystring: artifactQuery,
  response: {
    200: artifactQuery.shape.path.describe('The bytes of the file'),
    400: errorSchema.describe('Invalid request'),
    ...authErrors,
    404: errorSchema.describe('No such process in this sandbox, or no such artifact of it'),
  },
};
