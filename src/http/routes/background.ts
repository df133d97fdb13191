import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Submission, Submit } from '../../execution/submit.ts';
import type { ProcessRecord } from '../../process/record.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { type BackgroundBody, backgroundBody, backgroundReply } from '../schemas/execute.ts';

export const DEFAULT_WORKING_DIR = '/workspace';

export function backgroundRoutes({ submit }: { submit: Submit }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/execute/background', { schema }, async (request) => presentAccepted(await submit(request.scope, toSubmission(request.body))));
  };
}

const schema = {
  summary: 'Execute code in the background',
  description: 'Records the process and answers at once; its container starts afterwards. GET /execute/processes tells how it goes.',
  tags: ['execute'],
  body: backgroundBody,
  response: {
    200: backgroundReply,
    400: errorSchema.describe('Invalid request'),
    ...authErrors,
    413: errorSchema.describe('The body is too large'),
    415: errorSchema.describe('The body is not JSON'),
    429: errorSchema.describe('The queue is full; Retry-After says when to try again'),
    500: errorSchema.describe('The process could not be recorded'),
  },
};

function toSubmission({ timeout, working_dir, workdir, env, ...rest }: BackgroundBody): Submission {
  return { ...rest, name: rest.name || null, timeoutSeconds: timeout, workingDir: working_dir ?? workdir ?? DEFAULT_WORKING_DIR, env: env ?? {} };
}

/** Some clients read processId and executionId. */
function presentAccepted({ id, executionId, name, acceptedAt }: ProcessRecord) {
  return {
    process_id: id,
    execution_id: executionId,
    status: 'queued' as const,
    name,
    start_time: new Date(acceptedAt).toISOString(),
    message: 'Process accepted; see GET /execute/processes',
    processId: id,
    executionId,
  };
}
