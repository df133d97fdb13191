import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Execute, Waiter } from '../../execution/execute.ts';
import type { OutputStore } from '../../output/output-store.ts';
import { presentEnded, presentExecuted, presentResult } from '../present-ended.ts';
import { backgroundHeaders } from '../schemas/execute.ts';
import { executeBody, executeReply } from '../schemas/run.ts';
import { acceptanceErrors, toSubmission } from './background.ts';

export interface ExecuteRoutesDependencies {
  readonly execute: Execute;
  readonly outputs: OutputStore;
}

/** Three names of one call; the other two are older. */
export function executeRoutes({ execute, outputs }: ExecuteRoutesDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    for (const path of ['/execute', '/execute/rich', '/execute/ipython']) {
      app.post(path, { schema, config: { scope: 'processes:write' } }, async ({ id: requestId, scope, body, headers }, reply) => {
        const submission = { ...toSubmission(body), requestId, wantsResult: true as const };
        const executed = await execute(scope, submission, waiterOf(reply, headers['idempotency-key']));
        const answer = await presentExecuted(executed, reply.log, async (record) => {
          const ended = await presentEnded(outputs, record);
          return { ...ended, language: record.language, ...(await presentResult(outputs, record)) };
        });
        return { language: '', ...answer };
      });
    }
  };
}

/** The client of a reply, whose leaving can be told from the server's own shutdown. */
export function waiterOf(reply: FastifyReply, idempotencyKey: string | undefined): Waiter {
  return { idempotencyKey, gone: reply.gone, hasLeft: () => reply.raw.destroyed || reply.raw.closed };
}

const schema = {
  summary: 'Execute code and answer when it has ended',
  description:
    'An ordinary process, on record like any other. Code that fails or runs into its time-out is a 200 with success: false. For python, the value of the last expression, the newest figure and data frames come with the answer. Without an Idempotency-Key a process is stopped when its client goes away.',
  tags: ['execute'],
  headers: backgroundHeaders,
  body: executeBody,
  response: { 200: executeReply, ...acceptanceErrors },
};
