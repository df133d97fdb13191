import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Acceptance, Submission, Submit } from '../../execution/submit.ts';
import type { RequestedLimits } from '../../tenancy/limits-in-force.ts';
import { placedFile, placedGlob } from '../placed-files.ts';
import { presentLimits } from '../present.ts';
import { authErrors, errorSchema } from '../schemas/common.ts';
import { type BackgroundBody, backgroundBody, backgroundHeaders, backgroundReply } from '../schemas/execute.ts';
import { decode } from '../schemas/source.ts';

const MIB = 1024 * 1024;
export const DEFAULT_WORKING_DIR = '/workspace';

export function backgroundRoutes({ submit }: { submit: Submit }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/execute/background', { schema, config: { scope: 'processes:write' } }, async ({ id: requestId, scope, body, headers }, reply) => {
      const acceptance = await submit(scope, { ...toSubmission(body), requestId }, headers['idempotency-key']);
      if (acceptance.isRepeat) reply.header('Idempotent-Replayed', 'true');
      return presentAccepted(acceptance);
    });
  };
}

/** Of every call that has a process recorded. */
export const acceptanceErrors = {
  400: errorSchema.describe('Invalid request'),
  ...authErrors,
  409: errorSchema.describe('The Idempotency-Key was used with another request, or somebody would wait for a process of a paused sandbox'),
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
export function toSubmission({ code, language, args, files, stdin, artifacts, limits, ...body }: BackgroundBody): Submission {
  const workingDir = body.working_dir ?? body.workdir ?? DEFAULT_WORKING_DIR;
  const placed = Object.entries(files ?? {}).map(([path, content]) => placedFile(path, decode(content), workingDir));
  return {
    code,
    language,
    name: body.name || null,
    timeoutSeconds: body.timeout,
    workingDir,
    env: body.env ?? {},
    outputLimit: limits?.output_bytes ?? null,
    onOutputLimit: body.output_limit,
    limits: limits ? requestedLimits(limits) : {},
    runtime: body.runtime,
    ...(artifacts && artifacts.length > 0 ? { artifacts: artifacts.map((pattern) => placedGlob(pattern, workingDir)) } : {}),
    ...(args && args.length > 0 ? { args } : {}),
    ...(placed.length > 0 ? { files: placed } : {}),
    ...(stdin ? { stdin: { data: decode(stdin), isClosed: stdin.close } } : {}),
  };
}

function requestedLimits({ memory_mb, cpus, pids, disk_mb }: NonNullable<BackgroundBody['limits']>): RequestedLimits {
  return {
    memoryBytes: memory_mb === null ? undefined : Math.floor(memory_mb * MIB),
    cpus: cpus ?? undefined,
    pids: pids ?? undefined,
    tmpBytes: disk_mb === null ? undefined : Math.floor(disk_mb * MIB),
  };
}

/** Some clients read processId and executionId. */
export function presentAccepted({ accepted: { id, executionId, name, acceptedAt }, record }: Acceptance) {
  return {
    process_id: id,
    execution_id: executionId,
    status: 'queued' as const,
    name,
    limits: record ? presentLimits(record) : null,
    start_time: new Date(acceptedAt).toISOString(),
    message: 'Process accepted; see GET /execute/processes',
    processId: id,
    executionId,
  };
}
