import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Submission, Submit } from '../../execution/submit.ts';
import type { Accepted } from '../../process/process-store.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { type BackgroundBody, backgroundBody, backgroundHeaders, backgroundReply } from '../schemas/execute.ts';

export const DEFAULT_WORKING_DIR = '/workspace';

export function backgroundRoutes({ submit }: { submit: Submit }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/execute/background', { schema, config: { scope: 'processes:write' } }, async ({ scope, body, headers }, reply) => {
      const { accepted, isRepeat } = await submit(scope, toSubmission(body), headers['idempotency-key']);
      if (isRepeat) reply.header('Idempotent-Replayed', 'true');
      return presentAccepted(accepted);
    });
  };
}

/** Of every call that has a process recorded. */
export const acceptanceErrors = {
  400: errorSchema.describe('Invalid request'),
  ...authErrors,
  409: errorSchema.describe('The Idempotency-Key was used with another request'),
  413: errorSchema.describe('The body is too large'),
  415: errorSchema.describe('The body is not JSON'),
  429: errorSchema.describe('The queue is full; Retry-After says when to try again'),
  500: errorSchema.describe('The process could not be recorded'),
  503: errorSchema.describe('The disk is full; nothing was accepted'),
};

const schema = {
  summary: 'Execute code in the background',
  description: 'Records the process and answers at once; its container starts afterwards. GET /execute/processes tells how it goes.',
  tags: ['execute'],
  headers: backgroundHeaders,
  body: backgroundBody,
  response: { 200: backgroundReply, ...acceptanceErrors },
};

/** What a request that has passed its schema asks for. */
export function toSubmission({ code, language, ...body }: BackgroundBody): Submission {
  return {
    code,
    language,
    name: body.name || null,
    timeoutSeconds: body.timeout,
    workingDir: body.working_dir ?? body.workdir ?? DEFAULT_WORKING_DIR,
    env: body.env ?? {},
    outputLimit: body.limits?.output_bytes ?? null,
    onOutputLimit: body.output_limit,
  };
}

/** Some clients read processId and executionId. */
export function presentAccepted({ id, executionId, name, acceptedAt }: Accepted) {
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
